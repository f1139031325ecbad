// A whole flow for reading: what it was, both messages as they were on the wire with bodies decoded, TLS, timings.

import type { ClientEnd, Message, ServerEnd, TlsFacts, WholeFlow } from "../../flow/model.ts";
import type { Body } from "../../flow/store/session.ts";
import { showBody } from "./body.ts";
import { fieldLines, headLines } from "./head.ts";
import { type Paint, statusBrush } from "./paint.ts";
import { printableLine } from "./printable.ts";
import { timingLines } from "./timings.ts";
import { dateText, durationText, sizeText } from "./units.ts";

export interface FlowLook {
  readonly paint: Paint;
  /** Columns; rules and bars go no further. */
  readonly width: number;
  /** Lines of a body shown before the rest is only counted. */
  readonly bodyLines: number;
}

export interface Bodies {
  readonly request: Body | undefined;
  readonly response: Body | undefined;
}

/** Ends with a line feed. */
export function flowText(flow: WholeFlow, bodies: Bodies, look: FlowLook): string {
  const { paint } = look;
  const lines = [...summaryLines(flow, look), ""];
  lines.push(...messageLines("request", flow.request, flow.httpVersion.client, bodies.request, look), "");
  for (const interim of flow.interim) {
    lines.push(heading("interim", `${interim.status} ${interim.reason}`, look));
    lines.push(...headLines(Buffer.from(interim.head, "base64"), paint), "");
  }
  if (flow.response) {
    lines.push(...messageLines("response", flow.response, flow.httpVersion.server, bodies.response, look), "");
  }
  if (flow.tls.client || flow.tls.server) lines.push(heading("tls", "", look), ...tlsLines(flow, paint), "");
  const timings = timingLines(flow.timings, Math.min(60, look.width - 22), paint);
  if (timings.length > 0) lines.push(heading("timings", durationText(flow.duration), look), ...timings, "");
  return `${lines.join("\n")}\n`;
}

function summaryLines(flow: WholeFlow, { paint }: FlowLook): string[] {
  const status = flow.status === null ? "" : `  ${flow.status} ${printableLine(flow.reason ?? "")}`.trimEnd();
  const took = flow.duration === null ? "still open" : durationText(flow.duration);
  const facts = [
    `flow ${flow.id}`,
    flow.state,
    dateText(flow.startedAt),
    took,
    flow.mode,
    `${clientText(flow.client)} → ${serverText(flow.server)}`,
  ];
  const lines = [
    paint.bold(`${printableLine(flow.method)} ${printableLine(flow.url)}`) + statusBrush(paint, flow.status)(status),
    paint.dim(facts.join(" · ")),
  ];
  if (flow.error) lines.push(paint.red(`✗ ${printableLine(flow.error.message)} (${flow.error.code})`));
  if (flow.defects.length > 0) lines.push(paint.yellow(`⚠ ${flow.defects.join(", ")}`));
  for (const note of flow.notes ?? []) lines.push(paint.yellow(`⚠ ${note}`));
  if (flow.rules.length > 0) lines.push(paint.magenta(`rules: ${flow.rules.join(", ")}`));
  if (flow.tunnel) {
    const { requestBytes, responseBytes } = flow;
    lines.push(`carried unread: ${sizeText(requestBytes)} from the client, ${sizeText(responseBytes)} from the server`);
  }
  if (flow.tags.length > 0) lines.push(`tags: ${flow.tags.join(", ")}`);
  if (flow.comment) lines.push(`comment: ${printableLine(flow.comment)}`);
  return lines;
}

/** `── request ── HTTP/1.1 · 78 B ──────────────`, to the width. */
function heading(name: string, remark: string, { paint, width }: FlowLook): string {
  const start = remark ? `── ${name} ── ${remark} ` : `── ${name} `;
  return paint.dim(
    start.replace(name, paint.on ? `\x1b[22m${paint.bold(name)}\x1b[2m` : name) +
      "─".repeat(Math.max(0, width - start.length)),
  );
}

function messageLines(
  name: string,
  message: Message,
  version: string | null,
  body: Body | undefined,
  look: FlowLook,
): string[] {
  const { paint } = look;
  const shown = body && body.bytes.length > 0 ? showBody(body, look) : undefined;
  const lines = [heading(name, messageRemark(message, version, shown?.remark), look)];
  if (message.head === null) lines.push(...fieldLines(message.headers, paint));
  else lines.push(...headLines(Buffer.from(message.head, "base64"), paint));
  if (shown) lines.push("", ...shown.lines);
  if (message.trailers.length > 0) lines.push("", paint.dim("trailers"), ...fieldLines(message.trailers, paint));
  if (message.original)
    lines.push("", paint.magenta("before it was changed:"), ...originalLines(message.original, paint));
  return lines;
}

/** `HTTP/1.1 · 268 B gzip · json`. */
function messageRemark({ body }: Message, version: string | null, content: string | undefined): string {
  const parts = version ? [`HTTP/${version}`] : [];
  if (body.size > 0) parts.push(`${sizeText(body.size)}${body.encoding ? ` ${printableLine(body.encoding)}` : ""}`);
  if (content) parts.push(printableLine(content));
  if (body.truncated) parts.push(`${sizeText(body.recorded)} of it recorded`);
  return parts.join(" · ");
}

function originalLines({ head, headers }: NonNullable<Message["original"]>, paint: Paint): string[] {
  return head === null ? fieldLines(headers, paint) : headLines(Buffer.from(head, "base64"), paint);
}

function tlsLines({ tls }: WholeFlow, paint: Paint): string[] {
  const row = (name: string, facts: TlsFacts | null) =>
    facts ? [`  ${paint.dim(name.padEnd(8))}${tlsText(facts)}${insecureText(facts, paint)}`] : [];
  return [...row("client", tls.client), ...row("server", tls.server)];
}

function tlsText({ version, cipher, alpn, sni }: TlsFacts): string {
  return [version, cipher, `ALPN ${alpn ?? "none"}`, `SNI ${sni ? printableLine(sni) : "none"}`].join("  ");
}

function insecureText({ insecure }: TlsFacts, paint: Paint): string {
  if (insecure === undefined) return "";
  return paint.red(`  not verified${insecure ? `: ${printableLine(insecure)}` : ""}`);
}

function clientText(client: ClientEnd | null): string {
  if (!client) return "?";
  const address = endText(client);
  return client.process ? `${client.process} ${address}` : address;
}

function serverText(server: ServerEnd | null): string {
  if (!server) return "no server";
  const address = endText(server);
  return server.name && server.name !== server.address ? `${printableLine(server.name)} ${address}` : address;
}

function endText({ address, port }: { address: string; port: number }): string {
  if (!address) return "unix socket";
  return address.includes(":") ? `[${address}]:${port}` : `${address}:${port}`;
}
