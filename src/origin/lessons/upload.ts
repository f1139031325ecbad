// The lesson on sending: forms, files, anything; reports what arrived without keeping it.
import { createHash } from "node:crypto";
import { answer, answerJson } from "../answer.ts";
import type { Lesson, Visit } from "../lesson.ts";
import { MultipartReader, multipartBoundary, type PartHead } from "../multipart.ts";
import { uploadPage } from "../page.ts";

const PREVIEW_BYTES = 80;
const MAX_FORM_BYTES = 1024 * 1024; // a form is text typed by hand; files come as multipart
const MAX_PARTS = 1000;

interface Report {
  size: number;
  sha256: string;
  preview?: string;
}

export const uploadLessons: readonly Lesson[] = [
  {
    name: "upload",
    topic: "Body",
    doc: "GET shows a form; what is sent (form, multipart or raw) is reported part by part with size and SHA-256.",
    example: "/upload",
    curl: "-F note=hello -F file=@README.md",
    run: upload,
  },
];

async function upload(visit: Visit): Promise<void> {
  const { method, headers } = visit.request;
  if (method === "GET" || method === "HEAD") return answer(visit, 200, "text/html; charset=utf-8", uploadPage());
  const type = headers["content-type"] ?? "application/octet-stream";
  const boundary = multipartBoundary(type);
  if (boundary !== undefined) {
    answerJson(visit, await readMultipart(visit, type, boundary));
    return;
  }
  const kept: Buffer[] = [];
  const tally = new Tally();
  for await (const chunk of visit.request as AsyncIterable<Buffer>) {
    tally.add(chunk);
    if (tally.size <= MAX_FORM_BYTES) kept.push(chunk);
  }
  const isForm = type.startsWith("application/x-www-form-urlencoded") && tally.size <= MAX_FORM_BYTES;
  answerJson(visit, {
    type,
    ...tally.report(),
    ...(isForm ? { form: [...new URLSearchParams(Buffer.concat(kept).toString())] } : {}),
  });
}

async function readMultipart(visit: Visit, type: string, boundary: string): Promise<Record<string, unknown>> {
  const parts: (PartHead & Partial<Report>)[] = [];
  let tally = new Tally();
  const reader = new MultipartReader(boundary, {
    begin: head => {
      tally = new Tally();
      if (parts.length <= MAX_PARTS) parts.push({ ...head });
    },
    content: piece => tally.add(piece),
    end: () => {
      if (parts.length <= MAX_PARTS) Object.assign(parts.at(-1) as object, tally.report());
    },
  });
  let size = 0;
  for await (const chunk of visit.request as AsyncIterable<Buffer>) {
    size += chunk.length;
    reader.push(chunk);
  }
  reader.finish();
  const truncated = parts.length > MAX_PARTS;
  return { type, size, parts: parts.slice(0, MAX_PARTS), ...(truncated ? { truncated } : {}) };
}

/** Size, hash and first bytes of something that streams by. */
class Tally {
  size = 0;
  private readonly hash = createHash("sha256");
  private first: Buffer = Buffer.alloc(0);

  add(piece: Buffer): void {
    this.size += piece.length;
    this.hash.update(piece);
    if (this.first.length < PREVIEW_BYTES) this.first = Buffer.concat([this.first, piece.subarray(0, PREVIEW_BYTES)]);
  }

  report(): Report {
    const preview = this.first.subarray(0, PREVIEW_BYTES).toString("utf8");
    const isText = !/[\0-\x08\x0e-\x1f\ufffd]/.test(preview);
    return { size: this.size, sha256: this.hash.digest("hex"), ...(isText ? { preview } : {}) };
  }
}
