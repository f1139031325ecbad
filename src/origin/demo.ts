// The first look: a handful of varied requests, sent through the proxy to the HTTPS origin, so that `waylay start --demo`
// has something to show without a network.
import { request as connectRequest } from "node:http";
import { Agent, request as httpsRequest, type RequestOptions } from "node:https";
import { isIP } from "node:net";
import type { Duplex } from "node:stream";
import { connect as connectTls } from "node:tls";

export interface DemoRequest {
  method: string;
  path: string;
  headers?: Record<string, string>;
  body?: string;
}

const FORM = { "content-type": "application/x-www-form-urlencoded" };
const BOUNDARY = "----waylay-demo";

export const DEMO_REQUESTS: readonly DemoRequest[] = [
  { method: "GET", path: "/", headers: { accept: "text/html" } },
  { method: "GET", path: "/json", headers: { accept: "application/json" } },
  { method: "GET", path: "/image/png", headers: { accept: "image/png,image/*;q=0.8" } },
  { method: "GET", path: "/gzip", headers: { "accept-encoding": "gzip, br, zstd" } },
  {
    method: "POST",
    path: "/post",
    headers: { "content-type": "application/json" },
    body: '{"hello":"world","n":[1,2,3]}',
  },
  { method: "POST", path: "/anything/form", headers: FORM, body: "name=Ada+Lovelace&engine=analytical" },
  { method: "GET", path: "/redirect/1" },
  { method: "GET", path: "/cookies/set?flavour=oat&size=2" },
  { method: "GET", path: "/cookies", headers: { cookie: "flavour=oat; size=2" } },
  {
    method: "POST",
    path: "/upload",
    headers: { "content-type": `multipart/form-data; boundary=${BOUNDARY}` },
    body: [
      `--${BOUNDARY}`,
      'Content-Disposition: form-data; name="note"',
      "",
      "hello",
      `--${BOUNDARY}`,
      'Content-Disposition: form-data; name="file"; filename="poem.txt"',
      "Content-Type: text/plain; charset=utf-8",
      "",
      "The Analytical Engine weaves algebraic patterns.\n",
      `--${BOUNDARY}--`,
      "",
    ].join("\r\n"),
  },
  { method: "GET", path: "/chunked?count=3" },
  { method: "GET", path: "/trailers", headers: { te: "trailers" } },
  { method: "GET", path: "/sse?count=3&ms=40", headers: { accept: "text/event-stream" } },
  { method: "GET", path: "/basic-auth/ada/lovelace" },
  { method: "GET", path: "/basic-auth/ada/lovelace", headers: { authorization: "Basic YWRhOmxvdmVsYWNl" } },
  { method: "DELETE", path: "/delete" },
  { method: "GET", path: "/status/404" },
  { method: "GET", path: "/status/503" },
  { method: "GET", path: "/download/200kB" },
];

export interface DemoOptions {
  proxyHost?: string;
  proxyPort: number;
  /** The root that signs both what the proxy and what the origin shows. */
  caPem: string;
  /** Where the HTTPS origin is, e.g. `https://localhost:8443`. */
  originUrl: string;
  requests?: readonly DemoRequest[];
}

/** Sends the requests one after the other over one kept-alive tunnel; resolves with their statuses, rejects on the first failure. */
export async function runDemo(options: DemoOptions): Promise<number[]> {
  const origin = new URL(options.originUrl);
  const agent = new TunnelAgent(options, origin);
  try {
    const statuses: number[] = [];
    for (const request of options.requests ?? DEMO_REQUESTS) statuses.push(await send(request, origin, agent));
    return statuses;
  } finally {
    agent.destroy();
  }
}

function send({ method, path, headers, body }: DemoRequest, origin: URL, agent: Agent): Promise<number> {
  return new Promise((resolve, reject) => {
    const length = body === undefined ? {} : { "content-length": Buffer.byteLength(body) };
    const request = httpsRequest(new URL(path, origin), {
      method,
      agent,
      headers: { "user-agent": "waylay-demo", accept: "*/*", ...headers, ...length },
    });
    request.on("response", response => {
      response.on("error", reject);
      response.on("end", () => resolve(response.statusCode ?? 0));
      response.resume();
    });
    request.on("error", reject);
    request.end(body);
  });
}

/** Makes each connection by CONNECT through the proxy, then TLS inside. */
class TunnelAgent extends Agent {
  private readonly proxy: DemoOptions;
  private readonly origin: URL;

  constructor(proxy: DemoOptions, origin: URL) {
    super({ keepAlive: true, maxSockets: 1 });
    this.proxy = proxy;
    this.origin = origin;
  }

  override createConnection(
    _options: RequestOptions,
    done?: (error: Error | null, stream: Duplex) => void,
  ): Duplex | null | undefined {
    const { proxyHost = "127.0.0.1", proxyPort, caPem } = this.proxy;
    const { hostname, port } = this.origin;
    const host = hostname.replace(/^\[|\]$/g, "");
    const authority = `${hostname}:${port || 443}`;
    const fail = (error: Error) => done?.(error, undefined as unknown as Duplex); // on failure there is no stream to hand over
    const connect = connectRequest({
      host: proxyHost,
      port: proxyPort,
      method: "CONNECT",
      path: authority,
      agent: false,
    });
    connect.setHeader("host", authority);
    connect.on("error", fail);
    connect.on("connect", (response, socket) => {
      if (response.statusCode !== 200) {
        socket.destroy();
        fail(
          new Error(`the proxy answered CONNECT ${authority} with ${response.statusCode} ${response.statusMessage}`),
        );
        return;
      }
      const stream = connectTls({ socket, ca: caPem, host, ...(isIP(host) === 0 ? { servername: host } : {}) }); // SNI carries names only, RFC 6066 §3
      stream.once("error", fail);
      stream.once("secureConnect", () => {
        stream.off("error", fail);
        done?.(null, stream);
      });
    });
    connect.end();
    return undefined;
  }
}
