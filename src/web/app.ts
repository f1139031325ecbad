// The UI port's routes: the API over HTTP for the page and for programs, behind the guard.
import { type Context, Hono } from "hono";
import { bodyLimit } from "hono/body-limit";
import { getCookie, setCookie } from "hono/cookie";
import type { Control } from "../control/control.ts";
import { ControlError } from "../control/error.ts";
import { errorAnswer, INVALID_REQUEST } from "../wire/json-rpc.ts";
import { EventStream } from "./event-stream.ts";
import { cookieName, type House, refusal } from "./guard.ts";
import { page } from "./page.ts";

export interface AppLimits {
  /** Bytes of one request. */
  readonly controlLineBytes: number;
  /** Bytes that may wait for a reader of events. */
  readonly controlWaitingBytes: number;
}

export interface App {
  fetch(request: Request): Response | Promise<Response>;
  /** Ends the streams of events. */
  close(): void;
}

export function webApp(house: House, control: Control, limits: AppLimits): App {
  const streams = new Set<EventStream>();
  const app = new Hono();

  app.use(async (context, next) => {
    const refused = refusal(house, askedBy(context, house));
    if (refused === null) await next();
    else context.res = context.json({ error: refused.message }, refused.status);
    for (const [name, value] of HEADERS) context.res.headers.set(name, value);
  });

  app.get("/", context => {
    if (context.req.query("token") === undefined) return context.html(page());
    // From the address bar into a cookie, so that it stands in no history, log or Referer.
    setCookie(context, cookieName(house.port), house.token, { httpOnly: true, sameSite: "Strict", path: "/" });
    return context.redirect("/", 303);
  });

  const tooLarge = (context: Context) => {
    const message = `a request has at most ${limits.controlLineBytes} bytes (--limit control-line=SIZE)`;
    return context.json(errorAnswer(null, { code: INVALID_REQUEST, message }), 413);
  };
  app.post("/api/rpc", bodyLimit({ maxSize: limits.controlLineBytes, onError: tooLarge }), async context => {
    const answer = await control.answer(await context.req.text(), { subscriber: null });
    if (answer === null) return context.body(null, 204);
    return context.body(answer, 200, { "Content-Type": "application/json" });
  });

  app.get("/api/events", async context => {
    const stream = new EventStream(limits.controlWaitingBytes, {
      drained: subscriber => control.hub.drained(subscriber),
      gone: subscriber => {
        control.hub.forget(subscriber);
        streams.delete(stream);
      },
    });
    const { filter, events } = context.req.query();
    const after = context.req.header("last-event-id") ?? context.req.query("after");
    const params = {
      ...(filter !== undefined && { filter }),
      ...(after !== undefined && { after }),
      ...(events !== undefined && { events: events.split(",") }),
    };
    try {
      await control.call("events.subscribe", params, { subscriber: stream });
    } catch (error) {
      stream.end();
      if (error instanceof ControlError) return context.json({ error: error.toRpc() }, 400);
      throw error;
    }
    streams.add(stream);
    return context.body(stream.readable, 200, { "Content-Type": "text/event-stream" });
  });

  app.all("/api/rpc", context => context.json({ error: "POST a JSON-RPC request" }, 405, { Allow: "POST" }));
  app.onError((error, context) => {
    control.report(error);
    return context.json({ error: "waylay failed; its log says more" }, 500);
  });
  app.notFound(context => context.json({ error: "there is /, /api/rpc and /api/events here" }, 404));
  return {
    fetch: app.fetch,
    close: () => {
      for (const stream of streams) {
        control.hub.forget(stream);
        stream.end();
      }
      streams.clear();
    },
  };
}

/** On every answer: flows are secrets, and what is shown of them is somebody else's HTML. */
const HEADERS = [
  ["Cache-Control", "no-store"],
  [
    "Content-Security-Policy",
    "default-src 'self'; style-src 'self' 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
  ],
  ["Cross-Origin-Opener-Policy", "same-origin"],
  ["Cross-Origin-Resource-Policy", "same-origin"],
  ["Referrer-Policy", "no-referrer"],
  ["X-Content-Type-Options", "nosniff"],
] as const;

function askedBy(context: Context, house: House) {
  const { req } = context;
  const bearer = /^Bearer +(\S+)$/i.exec(req.header("authorization") ?? "")?.[1];
  // A link to the page may stand anywhere; what it opens is still asked for the token.
  const isPage = req.method === "GET" && req.path === "/";
  return {
    method: req.method,
    host: req.header("host"),
    origin: req.header("origin"),
    site: isPage ? undefined : req.header("sec-fetch-site"),
    contentType: req.header("content-type"),
    token: bearer ?? req.query("token") ?? getCookie(context, cookieName(house.port)),
  };
}
