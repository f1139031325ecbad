// multipart/form-data: parts named by an edit are rewritten, every other byte stays.

export type PartOp =
  | { readonly kind: "set"; readonly name: string; readonly value: string }
  | { readonly kind: "remove"; readonly name: string }
  | {
      readonly kind: "file";
      readonly name: string;
      readonly filename: string;
      readonly type: string;
      readonly bytes: Buffer;
    };

/** Edits the parts; null if the body is not framed by the boundary (it is then left alone). */
export function editMultipart(body: Buffer, boundary: string, ops: readonly PartOp[]): Buffer | null {
  const parts = splitParts(body, boundary);
  if (parts === null) return null;
  let kept = parts.list;
  for (const op of ops) {
    const named = kept.filter(part => part.name === op.name);
    if (op.kind === "remove") {
      kept = kept.filter(part => part.name !== op.name);
      continue;
    }
    const made = newPart(op);
    const first = named[0];
    if (first === undefined) kept = [...kept, made];
    // The headers of a text part stay; a file replaces the part as a whole.
    else
      kept = kept.flatMap(part =>
        part === first
          ? [op.kind === "set" ? { ...part, content: made.content } : made]
          : part.name === op.name
            ? []
            : [part],
      );
  }
  const line = Buffer.from(`--${boundary}\r\n`, "latin1");
  const pieces = kept.flatMap(part => [line, part.head, part.content, CRLF]);
  return Buffer.concat([parts.preamble, ...pieces, Buffer.from(`--${boundary}--`, "latin1"), parts.epilogue]);
}

interface Part {
  readonly name: string;
  /** Header lines with their empty line. */
  readonly head: Buffer;
  readonly content: Buffer;
}

const CRLF = Buffer.from("\r\n");

function splitParts(body: Buffer, boundary: string): { preamble: Buffer; list: Part[]; epilogue: Buffer } | null {
  const mark = Buffer.from(`--${boundary}`, "latin1");
  let at = body.indexOf(mark);
  if (at < 0 || (at > 0 && body[at - 1] !== 0x0a)) return null;
  const preamble = body.subarray(0, at);
  const list: Part[] = [];
  const next = Buffer.concat([CRLF, mark]);
  for (;;) {
    at += mark.length;
    if (body.subarray(at, at + 2).toString("latin1") === "--")
      return { preamble, list, epilogue: body.subarray(at + 2) };
    const lineEnd = body.indexOf(CRLF, at);
    if (lineEnd < 0) return null;
    // From the line's own CRLF, so that an empty part is found too.
    const end = body.indexOf(next, lineEnd);
    if (end < 0) return null;
    const part = readPart(body.subarray(lineEnd + 2, Math.max(end, lineEnd + 2)));
    if (part === null) return null;
    list.push(part);
    at = end + 2;
  }
}

function readPart(bytes: Buffer): Part | null {
  const blank = bytes.indexOf("\r\n\r\n");
  const end = bytes.subarray(0, 2).equals(CRLF) ? 2 : blank < 0 ? -1 : blank + 4;
  if (end < 0) return null;
  const head = bytes.subarray(0, end);
  const disposition = /^content-disposition:[^\r\n]*?[;\s]name=(?:"((?:[^"\\\r\n]|\\.)*)"|([^;\s]+))/im.exec(
    head.toString("utf8"),
  );
  return {
    name: disposition?.[1]?.replace(/\\(.)/g, "$1") ?? disposition?.[2] ?? "",
    head,
    content: bytes.subarray(end),
  };
}

function newPart(op: Exclude<PartOp, { kind: "remove" }>): Part {
  const name = `name="${quoted(op.name)}"`;
  const head =
    op.kind === "set"
      ? `Content-Disposition: form-data; ${name}\r\n\r\n`
      : `Content-Disposition: form-data; ${name}; filename="${quoted(op.filename)}"\r\nContent-Type: ${op.type}\r\n\r\n`;
  return { name: op.name, head: Buffer.from(head), content: op.kind === "set" ? Buffer.from(op.value) : op.bytes };
}

/** As browsers write them (HTML, multipart/form-data encoding algorithm). */
function quoted(text: string): string {
  return text.replaceAll('"', "%22").replaceAll("\r", "%0D").replaceAll("\n", "%0A");
}
