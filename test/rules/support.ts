// Facts and programs from texts, for the tests of rules.
import assert from "node:assert/strict";
import { compileRules } from "../../src/rules/compile.ts";
import type { Ambient, ConnectFacts, RequestFacts, ResponseFacts } from "../../src/rules/decide.ts";
import { formatDiagnostic } from "../../src/rules/diagnostics.ts";
import { RuleHits } from "../../src/rules/hits.ts";
import type { LoadWorld } from "../../src/rules/load-context.ts";
import { parseRules } from "../../src/rules/parse.ts";
import type { Program } from "../../src/rules/program.ts";
import type { Rule } from "../../src/rules/rule.ts";
import type { RequestHead, ResponseHead } from "../../src/wire/http1/head.ts";
import { parseRequestHead, parseResponseHead } from "../../src/wire/http1/head-parser.ts";
import type { Http1Limits } from "../../src/wire/http1/limits.ts";

export const LIMITS: Http1Limits = {
  headBytes: 262_144,
  fieldCount: 1000,
  emptyLines: 16,
  chunkExtensionBytes: 4096,
  trailerBytes: 65_536,
  interimCount: 100,
};

export function rulesOf(text: string, world: LoadWorld = {}): readonly Rule[] {
  const loaded = parseRules("test.yaml", text, world);
  assert.ok(loaded.ok, loaded.diagnostics.map(each => formatDiagnostic(each, text)).join("\n"));
  return loaded.rules;
}

export function programOf(text: string, world: LoadWorld = {}): Program {
  return compileRules(rulesOf(text, world));
}

export function ambientOf(changes: Partial<Ambient> = {}): Ambient {
  return { nowMs: Date.parse("2026-11-22T12:00:00Z"), random: () => 0.5, hits: new RuleHits(), ...changes };
}

/** Lines joined by CRLF, with the empty line that ends a head. */
export function headBytes(...lines: readonly string[]): Buffer {
  return Buffer.from(`${lines.join("\r\n")}\r\n\r\n`, "latin1");
}

export function requestHead(bytes: Buffer): RequestHead {
  return parseRequestHead(bytes, 0, bytes.length, LIMITS);
}

export function responseHead(bytes: Buffer): ResponseHead {
  return parseResponseHead(bytes, 0, bytes.length, LIMITS);
}

export function connectFacts(changes: Partial<ConnectFacts> = {}): ConnectFacts {
  return {
    host: "example.com",
    port: 443,
    client: { address: "127.0.0.1", port: 50_000 },
    mode: "regular",
    startedAt: Date.parse("2026-11-22T12:00:00Z"),
    ...changes,
  };
}

/** Facts of a request whose Host says where it goes. */
export function requestFacts(head: RequestHead, changes: Partial<RequestFacts> = {}): RequestFacts {
  const [host = "example.com", port] = (head.fields.get("host") ?? "").split(":");
  return {
    ...connectFacts({ host, port: port === undefined ? 443 : Number(port) }),
    method: head.method,
    scheme: "https",
    target: head.target,
    version: "1.1",
    fields: head.fields,
    ...changes,
  };
}

export function responseFacts(head: ResponseHead, changes: Partial<ResponseFacts> = {}): ResponseFacts {
  return { status: head.status, fields: head.fields, ...changes };
}

/** GET `target` of `host` with more header lines. */
export function get(target: string, host = "example.com", ...lines: readonly string[]): RequestFacts {
  return requestFacts(requestHead(headBytes(`GET ${target} HTTP/1.1`, `Host: ${host}`, ...lines)));
}
