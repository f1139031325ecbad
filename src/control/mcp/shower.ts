// Flows as text for a model: few words, nothing twice, secrets taken out unless somebody said otherwise.
import type { FlowSummary, Message, WholeFlow } from "../../flow/model.ts";
import { redactField, redactText, redactUrl } from "../../flow/redact.ts";

const URL_MAX = 300;
const FIELD_MAX = 500;

export class Shower {
  readonly redacts: boolean;

  constructor(options: { redact: boolean }) {
    this.redacts = options.redact;
  }

  /** `#12 GET https://example.com/ → 200 OK, application/json, 1234 B, 45 ms`. */
  line(flow: FlowSummary): string {
    const outcome =
      flow.state === "error"
        ? `failed: ${flow.error?.code ?? "unknown"}`
        : flow.status === null
          ? flow.state
          : `${flow.status} ${flow.reason ?? ""}`.trim();
    const facts = [
      outcome,
      flow.contentType?.split(";")[0] ?? "",
      flow.status === null ? "" : `${flow.responseBytes} B`,
      flow.duration === null ? "" : `${Math.round(flow.duration)} ms`,
      flow.tags.length > 0 ? `tags ${flow.tags.join(",")}` : "",
      flow.rules.length > 0 ? `rules ${flow.rules.join(",")}` : "",
    ];
    return `#${flow.id} ${flow.method} ${clip(this.url(flow.url), URL_MAX)} → ${facts.filter(fact => fact !== "").join(", ")}`;
  }

  /** Both heads as they are written on the wire, with what is known of the bodies. */
  whole(flow: WholeFlow): string {
    const { request, response, server, tls, error } = flow;
    const about = [
      this.line(flow),
      `began ${new Date(flow.startedAt).toISOString()}; client HTTP/${flow.httpVersion.client}${server === null ? "" : `; server ${server.name} at ${server.address}:${server.port}`}`,
      ...(tls.server === null ? [] : [`TLS to the server: ${tls.server.version}, ${tls.server.cipher}`]),
      ...(error === null ? [] : [`error ${error.code}: ${error.message}`]),
      ...(flow.defects.length === 0 ? [] : [`malformed, and taken all the same: ${flow.defects.join(", ")}`]),
      ...(flow.comment === "" ? [] : [`comment: ${flow.comment}`]),
    ];
    const start = `${flow.method} ${clip(this.url(flow.path), URL_MAX)} HTTP/${flow.httpVersion.client}`;
    const parts = [about.join("\n"), `--- request\n${start}\n${this.message(request)}`];
    if (response !== null) {
      const status = `HTTP/${flow.httpVersion.server ?? flow.httpVersion.client} ${flow.status} ${flow.reason ?? ""}`;
      parts.push(`--- response\n${status.trimEnd()}\n${this.message(response)}`);
    }
    return parts.join("\n\n");
  }

  text(text: string, contentType: string | null): string {
    return this.redacts ? redactText(text, contentType) : text;
  }

  private message({ headers, trailers, body, original }: Message): string {
    const lines = headers.map(field => {
      const [name, value] = this.redacts ? redactField(field) : field;
      return `${name}: ${clip(value, FIELD_MAX)}`;
    });
    if (trailers.length > 0) lines.push(`(trailers: ${trailers.map(([name]) => name).join(", ")})`);
    if (original !== undefined) lines.push("(changed on the way by a rule or a person)");
    if (body.size > 0) {
      const kept = body.truncated ? `, of which ${body.recorded} were recorded` : "";
      const coding = body.encoding === null ? "" : `, ${body.encoding}`;
      lines.push(`(body: ${body.size} bytes on the wire${coding}${kept}; read_body shows it)`);
    }
    return lines.join("\n");
  }

  private url(url: string): string {
    return this.redacts ? redactUrl(url) : url;
  }
}

function clip(text: string, max: number): string {
  return text.length <= max ? text : `${text.slice(0, max)}… (${text.length} characters)`;
}
