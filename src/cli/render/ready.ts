// What is said once everything listens: where the proxy is, and what to do with it.

import type { ListeningAt, ReadyInfo } from "../../gateway.ts";
import type { Paint } from "./paint.ts";

export interface ReadyLook {
  readonly paint: Paint;
  /** Paths below it are written with ~. */
  readonly homeDir: string;
  /** The demo's origin, if there is one. */
  readonly demoUrl: string | undefined;
}

/** The block that `start` begins with; ends with an empty line. */
export function readyBlock(ready: ReadyInfo, { paint, homeDir, demoUrl }: ReadyLook): string {
  const short = (path: string) =>
    homeDir !== "" && path.startsWith(`${homeDir}/`) ? `~${path.slice(homeDir.length)}` : path;
  const row = (name: string, text: string, remark = "") =>
    `  ${paint.dim(name.padEnd(9))}${text}${remark ? `  ${paint.dim(remark)}` : ""}`;
  const lines = [`${paint.bold(paint.green("waylay is listening"))}  ${paint.dim("Ctrl-C ends it")}`, ""];
  for (const listener of ready.proxy) lines.push(row("proxy", paint.bold(listenerText(listener)), listener.mode));
  if (ready.ui) lines.push(row("page", ready.ui));
  lines.push(row("root", short(ready.ca), "made for this machine; trust it only here"));
  if (demoUrl) lines.push(row("demo", `${demoUrl}/`, "a local origin; its first requests follow below"));
  if (ready.session) lines.push(row("session", short(ready.session)));

  const first = ready.proxy[0];
  if (first)
    lines.push(
      "",
      ...tryLines(first, short(ready.ca), `${demoUrl ?? "https://example.com"}/`).map(([name, text]) =>
        row(name, paint.cyan(text)),
      ),
    );
  lines.push(row("then", paint.cyan("waylay flows show 1")), "");
  return `${lines.join("\n")}\n`;
}

/** One request that shows the point, fit for the first listener. */
function tryLines(listener: ListeningAt, ca: string, target: string): [name: string, command: string][] {
  const url = listenerText(listener);
  if (listener.mode.startsWith("reverse")) {
    return [
      ["try", listener.unix !== undefined ? `curl --unix-socket ${listener.unix} http://localhost/` : `curl ${url}/`],
    ];
  }
  if (listener.unix !== undefined)
    return [["try", `curl --proxy unix://localhost${listener.unix} http://example.com/`]];
  return [
    ["try", `curl -x ${url} --cacert ${ca} ${target}`],
    ["browser", `set its HTTP proxy to ${reachable(listener)}, then open http://waylay.test/`],
  ];
}

/** `http://127.0.0.1:8080`, `http://[::1]:8080` or `unix:/path`. */
export function listenerText(listener: ListeningAt): string {
  return listener.unix !== undefined ? `unix:${listener.unix}` : `http://${reachable(listener)}`;
}

/** A wildcard address is where it listens, not where one connects to. */
function reachable({ host = "", port }: ListeningAt): string {
  const address = host === "0.0.0.0" ? "127.0.0.1" : host === "::" ? "::1" : host;
  return address.includes(":") ? `[${address}]:${port}` : `${address}:${port}`;
}
