// A flow to start from; a test changes what it is about.
import type { FlowSummary } from "../../src/flow/model.ts";

export function flow(changes: Partial<FlowSummary> = {}): FlowSummary {
  return {
    id: 1,
    state: "complete",
    startedAt: new Date(2026, 10, 22, 18, 30, 5, 123).getTime(),
    duration: 45.2,
    client: { address: "127.0.0.1", port: 51234 },
    server: { address: "93.184.216.34", port: 443, name: "example.com" },
    mode: "regular",
    scheme: "https",
    method: "GET",
    host: "example.com",
    port: 443,
    authority: "example.com",
    path: "/a?b=c",
    url: "https://example.com/a?b=c",
    httpVersion: { client: "1.1", server: "1.1" },
    status: 200,
    reason: "OK",
    requestBytes: 0,
    responseBytes: 1234,
    contentType: "application/json",
    tls: {
      client: { version: "TLSv1.3", cipher: "TLS_AES_256_GCM_SHA384", alpn: "http/1.1", sni: "example.com" },
      server: { version: "TLSv1.2", cipher: "ECDHE-RSA-AES128-GCM-SHA256", alpn: null, sni: "example.com" },
    },
    timings: { blocked: 0.2, dns: 3, connect: 21, tls: 12, send: 0.1, wait: 18, receive: 2.9 },
    rules: [],
    defects: [],
    error: null,
    tags: [],
    comment: "",
    color: "",
    connection: { client: 1, server: 2 },
    ...changes,
  };
}
