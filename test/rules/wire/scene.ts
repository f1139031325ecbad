// A rule, a request and an answer through a real engine: what reaches the other side, to the byte, and what is recorded.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Certificates, makeCertificates } from "../../support/certificates.ts";
import { type Engine, startEngine } from "../../support/engine.ts";
import type { Peer } from "../../support/peer.ts";
import { type Cleaner, rawClient, tlsClient } from "../../support/raw-client.ts";
import { type RawOrigin, rawOrigin } from "../../support/raw-origin.ts";

export interface RuledEngine extends Engine {
  readonly certificates: Certificates;
  /** Where rules.yaml stands, and its mock files. */
  readonly rulesFolder: string;
}

/** An engine under these rules: objects as YAML would give them, or the text of a file. Mock files stand beside it. */
export async function ruledEngine(
  test: Cleaner,
  rules: readonly object[] | string,
  files: Readonly<Record<string, string | Buffer>> = {},
  flags: Readonly<Record<string, string | string[]>> = {},
): Promise<RuledEngine> {
  const certificates = makeCertificates(test);
  const folder = mkdtempSync(join(tmpdir(), "waylay-rules-"));
  test.after(() => rmSync(folder, { recursive: true, force: true }));
  for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content);
  const file = join(folder, "rules.yaml");
  writeFileSync(file, typeof rules === "string" ? rules : JSON.stringify({ rules }));
  const ca = certificates.file("root.pem");
  const engine = await startEngine(test, { flags: { rules: [file], "upstream-ca": [ca], ...flags } });
  return Object.assign(engine, { certificates, rulesFolder: folder });
}

/** `{ request: { headers: { set: value } } }` of `request.headers.set`. */
export function actionAt(key: string, value: unknown): object {
  return key.split(".").reduceRight<unknown>((inner, part) => ({ [part]: inner }), value) as object; // a key has a part
}

/** How a client reaches an origin. */
export interface Way {
  readonly name: string;
  readonly scheme: "http" | "https";
  origin(test: Cleaner): Promise<RawOrigin>;
  client(test: Cleaner, origin: RawOrigin): Promise<Peer>;
  /** What a request says before its path, and the Host of both. */
  prefix(origin: RawOrigin): string;
  host(origin: RawOrigin): string;
}

export function waysThrough(engine: RuledEngine): readonly Way[] {
  const good = engine.certificates.server("good");
  return [
    {
      name: "plain",
      scheme: "http",
      origin: test => rawOrigin(test),
      client: test => rawClient(test, engine.port()),
      prefix: origin => `http://${origin.authority}`,
      host: origin => origin.authority,
    },
    {
      name: "under TLS",
      scheme: "https",
      origin: test => rawOrigin(test, { tls: good }),
      client: (test, origin) => tlsClient(test, engine.port(), `localhost:${origin.port}`, { ca: engine.rootPem }),
      prefix: () => "",
      host: origin => `localhost:${origin.port}`,
    },
  ];
}

/** Lines that no rule here names, around those that one does: order, case, repeats and odd bytes. */
const BEFORE = ["X-First:  a\t", "x-twice: 1"];
const AFTER = ["X-TWICE:2", "X-Odd~Name: \xe9"];

/** A head: start line, Host for requests, the lines in question between the others, and what stands behind all. */
export function headText(start: string, lines: readonly string[], end: readonly string[] = []): string {
  return [start, ...BEFORE, ...lines, ...AFTER, ...end, "", ""].join("\r\n");
}

/** One whole message with its content, as its own head frames it. */
export async function message(peer: Peer): Promise<string> {
  const head = await peer.head();
  if (/^transfer-encoding: *chunked/im.test(head))
    return head + (await peer.until(/(?:^|\r\n)0\r\n(?:[^\r\n]+\r\n)*\r\n/));
  return head + (await peer.take(Number(/^content-length: *(\d+)/im.exec(head)?.[1] ?? 0)));
}

/** The lines of a recorded head behind its first. */
export function fieldsOf(head: string | null | undefined): string {
  const text = Buffer.from(head ?? "", "base64").toString("latin1");
  return text.slice(text.indexOf("\r\n") + 2);
}
