// The one table of what can be asked: parser, predicate, SQL, explanations, help and completion all come from it.
import { FLAGS, type Flag, PACKET_COUNTS, type PacketCount, type Subject } from "./subject.ts";

/** How a value is written: `text` (glob, regex), numbers with a unit of their own, or one word of a list. */
export type Kind = "text" | "number" | "status" | "size" | "duration" | "time" | "flag";

/** The earliest moment at which a live exchange can answer. Rules use it to say which actions a term allows. */
export type Stage = "connect" | "request" | "requestBody" | "response" | "responseBody" | "done";

export const STAGES: readonly Stage[] = ["connect", "request", "requestBody", "response", "responseBody", "done"];

/** Abstract names of what a store may have a column for; the store maps them to its own (see sql.ts). */
export type ColumnName =
  | "id"
  | "time"
  | "method"
  | "url"
  | "scheme"
  | "host"
  | "port"
  | "path"
  | "status"
  | "type"
  | "size"
  | "duration"
  | "process"
  | "mode"
  | "comment"
  | "color"
  | "rules"
  | "tags";

export interface Field {
  readonly key: string;
  readonly kind: Kind;
  readonly stage: Stage;
  /** Text only: `path` and field values keep their case, everything else ignores it. */
  readonly caseSensitive: boolean;
  /** `key.NAME`: what NAME is; absent for plain keys. */
  readonly named?: "header" | "query" | "cookie" | "packets";
  /** The words that the value (flag) or the name (packets) may be. */
  readonly words?: readonly string[];
  readonly column?: ColumnName;
  /** True if the column holds a JSON array of texts. */
  readonly columnIsList?: boolean;
  readonly doc: string;
  readonly example: string;
  read(subject: Subject, name: string): Value;
}

export type Value = string | number | boolean | readonly string[] | undefined;

interface Optional {
  stage?: Stage;
  caseSensitive?: boolean;
  named?: Field["named"];
  words?: readonly string[];
  column?: ColumnName;
  columnIsList?: boolean;
}

export const FIELDS: readonly Field[] = [
  field("method", "text", "Request method", "method:POST", s => s.method, { column: "method" }),
  field("url", "text", "The whole URL", "url:https://example.com/*", s => s.url, { column: "url" }),
  field("scheme", "text", "http, https, ws or wss", "scheme:https", s => s.scheme, { column: "scheme" }),
  field("host", "text", "Host without port; *.x.com does not match x.com", "host:*.example.com", s => s.host, {
    stage: "connect",
    column: "host",
  }),
  field("port", "number", "Port of the server", "port:8443", s => s.port, { stage: "connect", column: "port" }),
  field("path", "text", "Path without query, case kept", "path:/v2/*", s => s.path, {
    caseSensitive: true,
    column: "path",
  }),
  field("query", "text", "A query parameter, decoded", "query.debug:true", (s, name) => s.query?.(name), {
    named: "query",
  }),
  field("status", "status", "Status code", "status:5xx", s => s.status, { stage: "response", column: "status" }),
  field("type", "text", "Content type, with or without parameters", "type:application/json", typesOf, {
    stage: "response",
    column: "type",
  }),
  field("header", "text", "A header of the request or response", "header.accept:*json*", eitherHeader, {
    named: "header",
    caseSensitive: true,
  }),
  field("request.header", "text", "A request header", "request.header.origin:*", (s, name) => s.requestHeader?.(name), {
    named: "header",
    caseSensitive: true,
  }),
  field(
    "response.header",
    "text",
    "A response header",
    "response.header.server:nginx*",
    (s, name) => s.responseHeader?.(name),
    { named: "header", caseSensitive: true, stage: "response" },
  ),
  field("cookie", "text", "A cookie of the request", "cookie.session:*", (s, name) => s.cookie?.(name), {
    named: "cookie",
    caseSensitive: true,
  }),
  field("body", "text", "Either body as text, whole: use *…* for a part", "body:*error*", eitherBody, {
    stage: "responseBody",
  }),
  field("request.body", "text", "The request body as text", "request.body:*token*", s => s.requestText?.(), {
    stage: "requestBody",
  }),
  field(
    "response.body",
    "text",
    "The response body as text",
    "response.body:/fail(ed|ure)/i",
    s => s.responseText?.(),
    {
      stage: "responseBody",
    },
  ),
  field("size", "size", "Content bytes of the response", "size:>1MB", s => s.size, { stage: "done", column: "size" }),
  field("duration", "duration", "From the request's start to the end", "duration:>200ms", s => s.duration, {
    stage: "done",
    column: "duration",
  }),
  field("version", "text", "HTTP version of either side", "version:1.0", s => s.versions),
  field("client", "text", "Client address, or address:port", "client:127.0.0.1", s => s.client, { stage: "connect" }),
  field("server", "text", "Server address, address:port or name", "server:10.0.0.7", s => s.server, {
    stage: "response",
  }),
  field("process", "text", "The client's process", "process:curl*", s => s.process, {
    stage: "connect",
    column: "process",
  }),
  field("mode", "text", "Mode of the listener", "mode:reverse*", s => s.mode, { stage: "connect", column: "mode" }),
  field("tls", "text", "TLS version, cipher, ALPN or SNI of either side", "tls:TLSv1.3", s => s.tls),
  field("error", "text", "Code or message of the failure", "error:*refused*", s => s.error, { stage: "done" }),
  field("rule", "text", "Name of a rule that was applied", "rule:block*", s => s.rules, {
    stage: "done",
    column: "rules",
    columnIsList: true,
  }),
  field("tag", "text", "A tag", "tag:todo", s => s.tags, { stage: "done", column: "tags", columnIsList: true }),
  field("comment", "text", "The comment", "comment:*", s => s.comment, { stage: "done", column: "comment" }),
  field("color", "text", "The colour", "color:red", s => s.color, { stage: "done", column: "color" }),
  // The parser knows that flags are one of FLAGS, so the cast only tells the type what was checked.
  field("is", "flag", "What kind of exchange it is", "is:websocket", (s, name) => s.is?.(name as Flag), {
    words: FLAGS,
  }),
  field("id", "number", "Number of the flow", "id:100..200", s => s.id, { column: "id" }),
  field("time", "time", "When it began: ISO time, or how long ago", "time:>-10m", s => s.startedAt, {
    stage: "connect",
    column: "time",
  }),
  // As above: the parser has checked the name against PACKET_COUNTS.
  field(
    "packets",
    "number",
    "Packet counts, when captured",
    "packets.retransmits:>0",
    (s, name) => s.packets?.(name as PacketCount),
    { named: "packets", words: PACKET_COUNTS, stage: "done" },
  ),
];

const BY_KEY: ReadonlyMap<string, Field> = new Map(FIELDS.map(each => [each.key, each]));

/** Finds the field of a written key: `host`, `header.X-Name`, `request.header.accept`, `packets.lost`. */
export function findField(written: string): { field: Field; name: string } | null {
  const key = written.toLowerCase();
  const plain = BY_KEY.get(key);
  if (plain !== undefined) return plain.named === undefined ? { field: plain, name: "" } : null;
  for (const prefix of ["request.header", "response.header", "header", "query", "cookie", "packets"]) {
    if (!key.startsWith(`${prefix}.`) || key.length === prefix.length + 1) continue;
    const found = BY_KEY.get(prefix)!;
    const name = written.slice(prefix.length + 1);
    const fold = found.named === "header" || found.named === "packets";
    return { field: found, name: fold ? name.toLowerCase() : name };
  }
  return null;
}

/** Every key as it is written in help, with NAME where one is needed. */
export function keyForms(): string[] {
  return FIELDS.flatMap(each => {
    if (each.named === undefined) return [each.key];
    return each.words === undefined ? [`${each.key}.NAME`] : each.words.map(word => `${each.key}.${word}`);
  });
}

export function stageIndex(stage: Stage): number {
  return STAGES.indexOf(stage);
}

function field(
  key: string,
  kind: Kind,
  doc: string,
  example: string,
  read: (subject: Subject, name: string) => Value,
  optional: Optional = {},
): Field {
  return { key, kind, doc, example, read, stage: "request", caseSensitive: false, ...optional };
}

function typesOf(subject: Subject): readonly string[] | undefined {
  const whole = subject.contentType;
  if (whole === undefined) return undefined;
  const semicolon = whole.indexOf(";");
  return semicolon < 0 ? [whole.trim()] : [whole, whole.slice(0, semicolon).trim()];
}

function eitherHeader(subject: Subject, name: string): readonly string[] | undefined {
  return joined(subject.requestHeader?.(name), subject.responseHeader?.(name));
}

function eitherBody(subject: Subject): readonly string[] | undefined {
  const request = subject.requestText?.();
  const response = subject.responseText?.();
  if (request === undefined) return response === undefined ? undefined : [response];
  return response === undefined ? [request] : [request, response];
}

function joined(a: readonly string[] | undefined, b: readonly string[] | undefined): readonly string[] | undefined {
  if (a === undefined || a.length === 0) return b;
  return b === undefined || b.length === 0 ? a : [...a, ...b];
}
