// Connections: where they lead, how they are made, how slow they are and how they break.
import { duration, either, file, flag, optional, rate, record, size, text, word } from "../args.ts";
import type { Throttle } from "../plan.ts";
import { fill } from "../template.ts";
import { type Action, action, fillLine } from "./action.ts";
import { fillPath } from "./content.ts";

export const NETWORK_ACTIONS: readonly Action[] = [
  action({
    key: "connection.to",
    phase: "connect",
    doc: "Dial this host (and port) though the request, its Host and SNI say another: a DNS map.",
    example: "127.0.0.1:8443",
    arg: text("host or host:port"),
    run(value, draft, env) {
      const match = /^(?:\[([^\]]+)\]|([^:]+))(?::(\d{1,5}))?$/.exec(fillLine(value, env));
      if (match === null) return;
      draft.connect({
        dial: { host: match[1] ?? match[2]!, port: match[3] === undefined ? undefined : Number(match[3]) },
      });
    },
  }),
  action({
    key: "connection.sni",
    phase: "connect",
    doc: "Send this name in the TLS client hello; `off` sends none.",
    example: "other.example.com",
    arg: text("a host name, or off"),
    run: (value, draft, env) => {
      const sni = fillLine(value, env);
      draft.connect({ sni: sni === "off" ? "" : sni });
    },
  }),
  action({
    key: "connection.upstream",
    phase: "connect",
    doc: "Go through this proxy: http://, https:// or socks5:// (with user:password@), or `direct`.",
    example: "socks5://127.0.0.1:1080",
    arg: text("http://HOST:PORT, https://, socks5:// or direct"),
    run: (value, draft, env) => draft.connect({ upstream: fillLine(value, env) }),
  }),
  action({
    key: "connection.clientCertificate",
    phase: "connect",
    doc: "Show the server this certificate when it asks for one (PEM files; `passphrase` for an encrypted key).",
    example: "{ cert: ./client.crt, key: ./client.key }",
    arg: record({ cert: file(), key: file(), passphrase: optional(text()) }),
    run: ({ cert, key, passphrase }, draft, env) =>
      draft.connect({
        clientCertificate: {
          cert: fillPath(cert, env),
          key: fillPath(key, env),
          passphrase: passphrase === undefined ? undefined : fill(passphrase, env),
        },
      }),
  }),
  action({
    key: "connection.tls",
    phase: "connect",
    doc: "`pass`: carry TLS through undecrypted. `refuse`: no tunnel. `insecure`: do not verify the server. Or a map: versions and ALPN.",
    example: "{ min: '1.3', alpn: http/1.1 }",
    arg: either(
      word(["pass", "refuse", "insecure"] as const),
      record({
        insecure: optional(flag()),
        min: optional(word(["1.2", "1.3"] as const)),
        max: optional(word(["1.2", "1.3"] as const)),
        alpn: optional(word(["http/1.1", "h2"] as const)),
      }),
    ),
    run(value, draft) {
      if (value === "pass" || value === "refuse") draft.intercept = value;
      else if (value === "insecure") draft.connect({ insecure: true });
      else draft.connect({ insecure: value.insecure, tlsMin: value.min, tlsMax: value.max, alpn: value.alpn });
    },
  }),
  action({
    key: "timeout",
    phase: "request",
    doc: "Give up after so long: connecting, waiting for the answer's head, silence in between.",
    example: "{ connect: 2s, answer: 10s }",
    arg: record({ connect: optional(duration()), answer: optional(duration()), idle: optional(duration()) }),
    run: (value, draft) => draft.connect({ timeouts: value }),
  }),
  action({
    key: "throttle",
    phase: "any",
    doc: "Be slow: `slow 3g`, `fast 3g`, `4g`, `satellite`, `modem`, or figures for each direction.",
    example: "{ down: 50kB/s, up: 20kB/s, latency: 300ms, jitter: 50ms }",
    arg: either(
      word(["slow 3g", "fast 3g", "4g", "satellite", "modem"] as const),
      record({
        down: optional(rate()),
        up: optional(rate()),
        latency: optional(duration()),
        jitter: optional(duration()),
      }),
    ),
    run(value, draft) {
      if (typeof value === "string") draft.connect({ throttle: PROFILES[value] });
      else
        draft.connect({
          throttle: {
            downPerSecond: value.down ?? 0,
            upPerSecond: value.up ?? 0,
            latencyMs: value.latency ?? 0,
            jitterMs: value.jitter ?? 0,
          },
        });
    },
  }),
  delay("request.delay", "request", "Wait before the request goes on."),
  delay("response.delay", "response", "Wait before the answer goes on."),
  action({
    key: "fault",
    phase: "any",
    doc: "Break the connection: refuse, reset, hang, dns, tls; or truncate / resetBody after so many bytes of the answer, corrupt one bit in every so many.",
    example: "{ truncate: 10kB }",
    arg: either(
      word(["refuse", "reset", "hang", "dns", "tls"] as const),
      record({ truncate: optional(size()), resetBody: optional(size()), corrupt: optional(size()) }),
    ),
    run(value, draft) {
      if (typeof value === "string") draft.connect({ fault: { kind: value } });
      else if (value.truncate !== undefined) draft.connect({ fault: { kind: "truncate", afterBytes: value.truncate } });
      else if (value.resetBody !== undefined)
        draft.connect({ fault: { kind: "reset-body", afterBytes: value.resetBody } });
      else if (value.corrupt !== undefined)
        draft.connect({ fault: { kind: "corrupt", everyBytes: Math.max(1, value.corrupt) } });
    },
  }),
];

/** As Chrome's DevTools has them (network conditions), the satellite after common GEO links, the modem V.90. */
const PROFILES: Readonly<Record<"slow 3g" | "fast 3g" | "4g" | "satellite" | "modem", Throttle>> = {
  "slow 3g": { downPerSecond: 50_000, upPerSecond: 50_000, latencyMs: 2000, jitterMs: 100 },
  "fast 3g": { downPerSecond: 180_000, upPerSecond: 84_375, latencyMs: 563, jitterMs: 50 },
  "4g": { downPerSecond: 1_125_000, upPerSecond: 187_500, latencyMs: 165, jitterMs: 20 },
  satellite: { downPerSecond: 2_500_000, upPerSecond: 375_000, latencyMs: 650, jitterMs: 60 },
  modem: { downPerSecond: 7000, upPerSecond: 4200, latencyMs: 150, jitterMs: 30 },
};

function delay(key: string, phase: "request" | "response", doc: string): Action {
  return action({
    key,
    phase,
    doc,
    example: "500ms",
    arg: duration(),
    run: (delayMs, draft) => draft.connect({ delayMs }),
  });
}
