// One finished flow on one line: time, id, client, method, URL, status, size, duration. On a terminal the URL takes
// the room that is left and is cut there; into a pipe everything is whole.

import type { FlowSummary } from "../../flow/model.ts";
import { type Paint, statusBrush } from "./paint.ts";
import { cut, printableLine } from "./printable.ts";
import { clockText, durationText, sizeText } from "./units.ts";

/** Widths of everything but the URL; narrow terminals get less of the client, and single spaces. */
interface Layout {
  readonly gap: string;
  readonly id: number;
  readonly client: number;
  readonly method: number;
  readonly url: number | undefined;
}

const STATUS = 3;
const SIZE = 7;
const DURATION = 7;
const CLOCK = 8;
const NARROW = 110;
const URL_MIN = 12;

/** `width` undefined: no terminal, nothing is cut or padded for one. Ends without a line feed. */
export function flowLine(flow: FlowSummary, width: number | undefined, paint: Paint): string {
  const { gap, ...layout } = layoutFor(width);
  const status = statusText(flow);
  const brush = flow.error && flow.status === undefined ? paint.red : statusBrush(paint, flow.status);
  const size =
    flow.scheme === "tcp" || flow.method === "CONNECT" ? flow.requestBytes + flow.responseBytes : flow.responseBytes;
  return [
    paint.dim(clockText(flow.startedAt)),
    paint.dim(String(flow.id).padStart(layout.id)),
    cut(clientText(flow, layout.client < 10), layout.client).padEnd(layout.client),
    paint.bold(printableLine(flow.method ?? "").padEnd(layout.method)),
    urlCell(flow, layout.url === undefined ? undefined : layout.url - excess(flow, layout.method), paint),
    brush(status.padEnd(STATUS)),
    sizeText(size).padStart(SIZE),
    paint.dim(durationText(flow.duration).padStart(DURATION)),
  ].join(gap);
}

/** The names above the columns. */
export function flowHeading(width: number | undefined, paint: Paint): string {
  const { gap, id, client, method, url } = layoutFor(width);
  return paint.dim(
    [
      "time".padEnd(CLOCK),
      "id".padStart(id),
      "client".padEnd(client),
      "method".padEnd(method),
      "url".padEnd(url ?? 0),
      "sta".padEnd(STATUS),
      "size".padStart(SIZE),
      "time".padStart(DURATION),
    ].join(gap),
  );
}

function layoutFor(width: number | undefined): Layout {
  const narrow = width !== undefined && width < NARROW;
  const fixed = narrow ? { gap: " ", id: 4, client: 6, method: 7 } : { gap: "  ", id: 5, client: 15, method: 7 };
  if (width === undefined) return { ...fixed, url: undefined };
  const taken = CLOCK + fixed.id + fixed.client + fixed.method + STATUS + SIZE + DURATION + 7 * fixed.gap.length;
  return { ...fixed, url: Math.max(URL_MIN, width - taken) };
}

/** A method longer than its column takes from the URL's. */
function excess(flow: FlowSummary, column: number): number {
  return Math.max(0, (flow.method?.length ?? 0) - column);
}

/** `:51234` says enough of a client on this machine when there is little room. */
function clientText(flow: FlowSummary, narrow: boolean): string {
  const { address, port, process } = flow.client;
  if (process) return process.name;
  if (!address) return "unix";
  const local = address === "127.0.0.1" || address === "::1";
  if (narrow && local) return `:${port}`;
  return address.includes(":") ? address : `${address}:${port}`;
}

function statusText(flow: FlowSummary): string {
  if (flow.status !== undefined) return String(flow.status);
  return flow.error ? "ERR" : flow.state === "complete" ? "tcp" : "...";
}

/** URL and, where something went wrong, what: the end of a long URL matters less than the reason. */
function urlCell(flow: FlowSummary, width: number | undefined, paint: Paint): string {
  const url = printableLine(flow.url);
  const error = flow.error ? printableLine(flow.error.message) : "";
  if (width === undefined) return error ? `${url}  (${flow.error!.code}: ${error})` : url;
  if (!error) return paintUrl(cut(url, width).padEnd(width), paint);
  const urlWidth = Math.max(Math.min(url.length, Math.ceil(width / 2)), width - error.length - 3);
  const shown = cut(url, urlWidth);
  const reason = cut(` ✗ ${error}`, width - shown.length);
  return paintUrl(shown, paint) + paint.red(reason.padEnd(width - shown.length));
}

/** The host stands out; scheme and query step back. */
function paintUrl(text: string, paint: Paint): string {
  if (!paint.on) return text;
  const parts = /^([a-z]+:\/\/)?([^/?]*)([^?]*)(.*)$/s.exec(text);
  return parts ? paint.dim(parts[1] ?? "") + paint.bold(parts[2]!) + parts[3] + paint.dim(parts[4]!) : text;
}
