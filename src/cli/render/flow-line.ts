// One finished flow on one line: time, id, client, method, URL, status, size, duration. On a terminal the URL takes
// the room that is left and is cut there; into a pipe everything is whole.

import type { FlowSummary } from "../../flow/model.ts";
import { type Brush, type Paint, statusBrush } from "./paint.ts";
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
  const brush = flow.status === null && flow.error ? paint.red : statusBrush(paint, flow.status);
  // What a tunnel carried went both ways; of everything else the answer is what people look at.
  const size = flow.tunnel ? flow.requestBytes + flow.responseBytes : flow.responseBytes;
  const method = printableLine(flow.method).padEnd(layout.method);
  // A method longer than its column takes from the URL's.
  const urlWidth = layout.url === undefined ? undefined : layout.url - (method.length - layout.method);
  return [
    paint.dim(clockText(flow.startedAt)),
    paint.dim(String(flow.id).padStart(layout.id)),
    cut(clientText(flow, layout.client < 10), layout.client).padEnd(layout.client),
    paint.bold(method),
    urlCell(flow, urlWidth, paint),
    brush(statusText(flow).padEnd(STATUS)),
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

/** `:51234` says enough of a client on this machine when there is little room; a program's name says more. */
function clientText({ client }: FlowSummary, narrow: boolean): string {
  if (!client) return "-";
  if (client.process) return client.process;
  if (!client.address) return "unix";
  const local = client.address === "127.0.0.1" || client.address === "::1";
  if (narrow && local) return `:${client.port}`;
  return client.address.includes(":") ? `[${client.address}]:${client.port}` : `${client.address}:${client.port}`;
}

function statusText(flow: FlowSummary): string {
  if (flow.status !== null) return String(flow.status);
  if (flow.error) return "ERR";
  return flow.tunnel ? "tun" : "...";
}

/** The URL and, where something is to be said of the flow, what: the end of a long URL matters less. */
function urlCell(flow: FlowSummary, width: number | undefined, paint: Paint): string {
  const url = printableLine(flow.url);
  const [remark, brush] = remarkOn(flow, paint);
  if (width === undefined) return remark ? `${url} ${brush(remark)}` : paintUrl(url, paint);
  if (!remark) return paintUrl(cut(url, width).padEnd(width), paint);
  const urlWidth = Math.max(Math.min(url.length, Math.ceil(width / 2)), width - remark.length - 1);
  const shown = cut(url, urlWidth);
  const said = cut(` ${remark}`, width - shown.length);
  return paintUrl(shown, paint) + brush(said.padEnd(width - shown.length));
}

function remarkOn(flow: FlowSummary, paint: Paint): [remark: string, brush: Brush] {
  if (flow.error) return [`✗ ${printableLine(flow.error.message)}`, paint.red];
  if (flow.defects.length > 0) return [`⚠ ${flow.defects.join(" ")}`, paint.yellow];
  if (flow.tls.server?.insecure !== undefined) return ["⚠ not verified", paint.yellow];
  return ["", paint.red];
}

/** The host stands out; scheme and query step back. */
function paintUrl(text: string, paint: Paint): string {
  if (!paint.on) return text;
  const parts = /^([a-z]+:\/\/)?([^/?]*)([^?]*)(.*)$/s.exec(text);
  return parts ? paint.dim(parts[1] ?? "") + paint.bold(parts[2]!) + parts[3] + paint.dim(parts[4]!) : text;
}
