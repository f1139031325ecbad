// The few ways in which lessons answer.
import type { OutgoingHttpHeaders } from "node:http";
import type { Visit } from "./lesson.ts";

/** Ends the exchange with a body of known length. */
export function answer(
  visit: Visit,
  status: number,
  type: string,
  body: string | Buffer,
  fields?: OutgoingHttpHeaders,
): void {
  visit.response.writeHead(status, { "content-type": type, "content-length": Buffer.byteLength(body), ...fields });
  visit.response.end(body);
}

export function answerJson(visit: Visit, value: unknown, status = 200, fields?: OutgoingHttpHeaders): void {
  answer(visit, status, "application/json", `${JSON.stringify(value, null, 2)}\n`, fields);
}

export function answerText(visit: Visit, text: string, status = 200, fields?: OutgoingHttpHeaders): void {
  answer(visit, status, "text/plain; charset=utf-8", text, fields);
}

/** Field lines of the request as they came: order, case and repeats kept. */
export function fieldPairs(raw: readonly string[]): [string, string][] {
  const pairs: [string, string][] = [];
  for (let i = 0; i + 1 < raw.length; i += 2) pairs.push([raw[i], raw[i + 1]]);
  return pairs;
}
