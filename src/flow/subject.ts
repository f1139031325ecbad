// A flow as the filter language sees it: a summary, and the messages where they are at hand. No more is read than a term asks for.
import type { Flag, PacketCount, Subject } from "../match/subject.ts";
import { fieldsNamed } from "./head.ts";
import type { Field, FlowSummary, Side } from "./model.ts";

/** Where a flow's messages can be read. Without one, terms on headers and bodies are "not known". */
export interface Messages {
  fields(side: Side): readonly Field[];
  /** The decoded content; undefined if there is none or it is no text. */
  text(side: Side): string | undefined;
}

export function subjectOf(flow: FlowSummary, messages?: Messages): Subject {
  return new FlowSubject(flow, messages);
}

class FlowSubject implements Subject {
  private readonly flow: FlowSummary;
  private readonly messages: Messages | undefined;

  constructor(flow: FlowSummary, messages: Messages | undefined) {
    this.flow = flow;
    this.messages = messages;
  }

  get id(): number {
    return this.flow.id;
  }
  get startedAt(): number {
    return this.flow.startedAt;
  }
  get method(): string | undefined {
    return this.flow.method || undefined;
  }
  get url(): string | undefined {
    return this.flow.url || undefined;
  }
  get scheme(): string | undefined {
    return this.flow.scheme || undefined;
  }
  get host(): string | undefined {
    return this.flow.host || undefined;
  }
  get port(): number | undefined {
    return this.flow.port || undefined;
  }
  get path(): string | undefined {
    return this.flow.path.split("?", 1)[0] || undefined;
  }
  get status(): number | undefined {
    return this.flow.status ?? undefined;
  }
  get contentType(): string | undefined {
    return this.flow.contentType ?? undefined;
  }
  get size(): number | undefined {
    return this.flow.status === null && this.flow.responseBytes === 0 ? undefined : this.flow.responseBytes;
  }
  get duration(): number | undefined {
    return this.flow.duration ?? undefined;
  }
  get versions(): readonly string[] {
    return known(this.flow.httpVersion.client, this.flow.httpVersion.server);
  }
  get client(): readonly string[] | undefined {
    return endpoint(this.flow.client);
  }
  get server(): readonly string[] | undefined {
    const { server } = this.flow;
    return server === null ? undefined : [...endpoint(server)!, server.name];
  }
  get process(): string | undefined {
    return this.flow.client?.process;
  }
  get mode(): string | undefined {
    return this.flow.mode || undefined;
  }
  get tls(): readonly string[] {
    const { client, server } = this.flow.tls;
    return [client, server].flatMap(tls => (tls === null ? [] : known(tls.version, tls.cipher, tls.alpn, tls.sni)));
  }
  get error(): readonly string[] | undefined {
    const { error } = this.flow;
    return error === null ? undefined : [error.code, error.message];
  }
  get rules(): readonly string[] {
    return this.flow.rules;
  }
  get tags(): readonly string[] {
    return this.flow.tags;
  }
  get comment(): string | undefined {
    return this.flow.comment || undefined;
  }
  get color(): string | undefined {
    return this.flow.color || undefined;
  }

  query(name: string): readonly string[] {
    const question = this.flow.path.indexOf("?");
    return question < 0 ? [] : new URLSearchParams(this.flow.path.slice(question + 1)).getAll(name);
  }

  cookie(name: string): readonly string[] | undefined {
    return this.requestHeader("cookie")?.flatMap(line => cookiesNamed(line, name));
  }

  requestHeader(name: string): readonly string[] | undefined {
    return this.header("request", name);
  }

  responseHeader(name: string): readonly string[] | undefined {
    return this.header("response", name);
  }

  headText(): string | undefined {
    const { messages } = this;
    if (messages === undefined) return undefined;
    const lines = [...messages.fields("request"), ...messages.fields("response")].map(field => field.join(": "));
    return lines.join("\n");
  }

  requestText(): string | undefined {
    return this.messages?.text("request");
  }

  responseText(): string | undefined {
    return this.messages?.text("response");
  }

  is(flag: Flag): boolean | undefined {
    const { flow } = this;
    switch (flag) {
      case "active":
      case "error":
        return flow.state === flag;
      case "sse":
        return isType(flow, "text/event-stream");
      case "grpc":
        return isType(flow, "application/grpc");
      default:
        return flow[flag] !== undefined;
    }
  }

  packets(count: PacketCount): number | undefined {
    return this.flow.packets?.[count];
  }

  private header(side: Side, name: string): readonly string[] | undefined {
    return this.messages === undefined ? undefined : fieldsNamed(this.messages.fields(side), name);
  }
}

function known(...values: (string | null)[]): string[] {
  return values.filter((value): value is string => value !== null && value !== "");
}

function endpoint(end: { readonly address: string; readonly port: number } | null): string[] | undefined {
  if (end === null) return undefined;
  const host = end.address.includes(":") ? `[${end.address}]` : end.address;
  return [end.address, `${host}:${end.port}`];
}

function isType(flow: FlowSummary, type: string): boolean {
  return flow.contentType?.toLowerCase().startsWith(type) ?? false;
}

function cookiesNamed(line: string, name: string): string[] {
  return line.split(";").flatMap(pair => {
    const equals = pair.indexOf("=");
    return equals > 0 && pair.slice(0, equals).trim() === name ? [pair.slice(equals + 1).trim()] : [];
  });
}
