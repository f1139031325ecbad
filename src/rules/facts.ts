// What the engine tells the rules about an exchange, stage by stage, and how a filter reads it. Plain data and lazy readers: nothing
// is parsed, decoded or copied unless a rule asks for it.
import type { Subject } from "../match/subject.ts";

/** As much of wire/http1's Fields as rules read; names are compared without case. */
export interface FieldReader {
  readonly count: number;
  name(index: number): string;
  /** Bytes of the name, without making a text of it. */
  nameLength(index: number): number;
  value(index: number): string;
  get(name: string): string | undefined;
  getAll(name: string): string[];
}

/** What is known of a connection before a request was read. */
export interface ConnectFacts {
  readonly host: string;
  readonly port: number;
  /** Of the client hello, when it was seen. */
  readonly sni?: string | undefined;
  readonly client: { readonly address: string; readonly port: number };
  readonly process?: string | undefined;
  /** The listener's mode, such as `regular` or `reverse:http://…`. */
  readonly mode: string;
  /** Epoch milliseconds. */
  readonly startedAt: number;
}

export interface RequestFacts extends ConnectFacts {
  readonly method: string;
  /** `http`, `https`, `ws`, `wss`. */
  readonly scheme: string;
  /** Origin-form as it will be sent: path and query. */
  readonly target: string;
  /** `1.0`, `1.1`, `2`. */
  readonly version: string;
  readonly fields: FieldReader;
  /** The decoded content as text, once the engine has held it because a plan asked (`needsBody`). */
  readonly bodyText?: string | undefined;
  readonly replayed?: boolean | undefined;
  /** TLS version and cipher of the client's side. */
  readonly tls?: readonly string[] | undefined;
}

export interface ResponseFacts {
  readonly status: number;
  readonly fields: FieldReader;
  readonly bodyText?: string | undefined;
  /** Address, address:port and name of the server that answered. */
  readonly server?: readonly string[] | undefined;
}

/** The facts of an exchange as the filter language sees them. */
export function subjectOf(request: RequestFacts, response?: ResponseFacts): Subject {
  return new ExchangeSubject(request, response);
}

/** The facts of a connection as the filter language sees them. */
export function connectSubjectOf(facts: ConnectFacts): Subject {
  return {
    host: facts.host,
    port: facts.port,
    client: [facts.client.address, `${facts.client.address}:${facts.client.port}`],
    process: facts.process,
    mode: facts.mode,
    startedAt: facts.startedAt,
    tls: facts.sni === undefined ? undefined : [facts.sni],
    is: flag => flag === "tunnel",
  };
}

/** `https://host:port/path`, without a port that is the scheme's own. */
export function urlOf(scheme: string, host: string, port: number, target: string): string {
  const plain =
    (port === 443 && (scheme === "https" || scheme === "wss")) ||
    (port === 80 && (scheme === "http" || scheme === "ws"));
  const name = host.includes(":") ? `[${host}]` : host;
  return `${scheme}://${name}${plain ? "" : `:${port}`}${target}`;
}

/** Every value of a query parameter, decoded; what does not decode stays as it came. */
export function queryValues(target: string, name: string): string[] {
  return queryPairs(target)
    .filter(pair => pair.name === name)
    .map(pair => pair.value);
}

export interface QueryPair {
  readonly name: string;
  readonly value: string;
  /** As it stands in the target. */
  readonly raw: string;
}

export function queryPairs(target: string): QueryPair[] {
  const mark = target.indexOf("?");
  if (mark < 0 || mark === target.length - 1) return [];
  return target
    .slice(mark + 1)
    .split("&")
    .map(raw => {
      const equals = raw.indexOf("=");
      const name = equals < 0 ? raw : raw.slice(0, equals);
      return { name: decodeQuery(name), value: equals < 0 ? "" : decodeQuery(raw.slice(equals + 1)), raw };
    });
}

export function pathOf(target: string): string {
  const mark = target.indexOf("?");
  return mark < 0 ? target : target.slice(0, mark);
}

/** Every value of a cookie in the Cookie fields. */
export function cookieValues(fields: FieldReader, name: string): string[] {
  const values: string[] = [];
  for (const line of fields.getAll("cookie")) {
    for (const pair of line.split(";")) {
      const equals = pair.indexOf("=");
      if (equals > 0 && pair.slice(0, equals).trim() === name) values.push(pair.slice(equals + 1).trim());
    }
  }
  return values;
}

export function decodeQuery(text: string): string {
  const spaced = text.includes("+") ? text.replaceAll("+", " ") : text;
  if (!spaced.includes("%")) return spaced;
  try {
    return decodeURIComponent(spaced);
  } catch {
    return spaced;
  }
}

class ExchangeSubject implements Subject {
  readonly #request: RequestFacts;
  readonly #response: ResponseFacts | undefined;
  #url: string | undefined;

  constructor(request: RequestFacts, response: ResponseFacts | undefined) {
    this.#request = request;
    this.#response = response;
  }

  get method(): string {
    return this.#request.method;
  }
  get scheme(): string {
    return this.#request.scheme;
  }
  get host(): string {
    return this.#request.host;
  }
  get port(): number {
    return this.#request.port;
  }
  get path(): string {
    return pathOf(this.#request.target);
  }
  get url(): string {
    const { scheme, host, port, target } = this.#request;
    this.#url ??= urlOf(scheme, host, port, target);
    return this.#url;
  }
  get startedAt(): number {
    return this.#request.startedAt;
  }
  get status(): number | undefined {
    return this.#response?.status;
  }
  get contentType(): string | undefined {
    return this.#response?.fields.get("content-type");
  }
  get versions(): readonly string[] {
    return [this.#request.version];
  }
  get client(): readonly string[] {
    const { address, port } = this.#request.client;
    return [address, `${address}:${port}`];
  }
  get server(): readonly string[] | undefined {
    return this.#response?.server;
  }
  get process(): string | undefined {
    return this.#request.process;
  }
  get mode(): string {
    return this.#request.mode;
  }
  get tls(): readonly string[] | undefined {
    const { tls, sni } = this.#request;
    return sni === undefined ? tls : [...(tls ?? []), sni];
  }
  query(name: string): readonly string[] {
    return queryValues(this.#request.target, name);
  }
  cookie(name: string): readonly string[] {
    return cookieValues(this.#request.fields, name);
  }
  requestHeader(name: string): readonly string[] {
    return this.#request.fields.getAll(name);
  }
  responseHeader(name: string): readonly string[] | undefined {
    return this.#response?.fields.getAll(name);
  }
  headText(): string {
    const { fields } = this.#request;
    let text = "";
    for (let i = 0; i < fields.count; i++) text += `${fields.name(i)}: ${fields.value(i)}\n`;
    return text;
  }
  requestText(): string | undefined {
    return this.#request.bodyText;
  }
  responseText(): string | undefined {
    return this.#response?.bodyText;
  }
  is(flag: string): boolean | undefined {
    const { fields } = this.#request;
    switch (flag) {
      case "websocket":
        return fields.get("upgrade")?.toLowerCase() === "websocket";
      case "grpc":
        return fields.get("content-type")?.toLowerCase().startsWith("application/grpc") ?? false;
      case "sse":
        return this.#response === undefined
          ? undefined
          : (this.contentType ?? "").toLowerCase().startsWith("text/event-stream");
      case "replayed":
        return this.#request.replayed ?? false;
      default:
        return undefined;
    }
  }
}
