// JSON-RPC 2.0, one message a line: bytes to lines, lines to requests and answers. Knows no methods and no sockets.

export type RpcId = string | number | null;

export interface RpcRequest {
  /** undefined: a notification, which gets no answer. */
  readonly id: RpcId | undefined;
  readonly method: string;
  /** As it came; undefined if there are none. */
  readonly params: unknown;
}

export interface RpcError {
  readonly code: number;
  readonly message: string;
  readonly data?: unknown;
}

export type RpcAnswer =
  | { readonly jsonrpc: "2.0"; readonly id: RpcId; readonly result: unknown }
  | { readonly jsonrpc: "2.0"; readonly id: RpcId; readonly error: RpcError };

// JSON-RPC 2.0 §5.1.
export const PARSE_ERROR = -32700;
export const INVALID_REQUEST = -32600;
export const METHOD_NOT_FOUND = -32601;
export const INVALID_PARAMS = -32602;
export const INTERNAL_ERROR = -32603;

/** A parsed JSON value as a request, or what is wrong with it. */
export function readRequest(value: unknown): RpcRequest | { readonly id: RpcId; readonly error: RpcError } {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    return { id: null, error: invalid("a request is an object with jsonrpc, id, method and params") };
  }
  const { jsonrpc, id, method, params } = value as Record<string, unknown>; // an object, seen above
  const known = id === undefined || id === null || typeof id === "string" || typeof id === "number";
  if (!known) return { id: null, error: invalid("id must be a string, a number or null") };
  if (jsonrpc !== "2.0") return { id: id ?? null, error: invalid('jsonrpc must be "2.0"') };
  if (typeof method !== "string") return { id: id ?? null, error: invalid("method must be a string") };
  if (params !== undefined && (typeof params !== "object" || params === null)) {
    return { id: id ?? null, error: invalid("params must be an object") };
  }
  return { id, method, params };
}

function invalid(message: string): RpcError {
  return { code: INVALID_REQUEST, message };
}

export function resultAnswer(id: RpcId, result: unknown): RpcAnswer {
  return { jsonrpc: "2.0", id, result: result ?? null };
}

export function errorAnswer(id: RpcId, error: RpcError): RpcAnswer {
  return { jsonrpc: "2.0", id, error };
}

/** What `LineReader.next` gives for a line over the limit, once, when its first byte too many has come. */
export const TOO_LONG = Symbol("line too long");

const LF = 10;

/** Bytes in any pieces to lines of UTF-8. Holds at most one line of `maxBytes`; of a longer one nothing is kept. */
export class LineReader {
  private readonly maxBytes: number;
  /** Beginnings of the line that is not whole yet. */
  private parts: Uint8Array[] = [];
  private held = 0;
  /** In a line that is over the limit, until its end. */
  private skipping = false;
  private chunk: Uint8Array = EMPTY;
  private at = 0;

  constructor(maxBytes: number) {
    this.maxBytes = maxBytes;
  }

  /** Hands over bytes; all lines of those before must have been taken. */
  push(chunk: Uint8Array): void {
    this.chunk = chunk;
    this.at = 0;
  }

  /** The next line that is not blank, without its end; null if there is none yet. */
  next(): string | typeof TOO_LONG | null {
    while (this.at < this.chunk.length) {
      const end = this.chunk.indexOf(LF, this.at);
      const piece = this.chunk.subarray(this.at, end < 0 ? this.chunk.length : end);
      this.at = end < 0 ? this.chunk.length : end + 1;
      if (this.skipping) {
        this.skipping = end < 0;
        continue;
      }
      if (this.held + piece.length > this.maxBytes) {
        this.forget();
        this.skipping = end < 0;
        return TOO_LONG;
      }
      this.parts.push(piece);
      this.held += piece.length;
      if (end < 0) break;
      const line = this.take();
      if (line !== "") return line;
    }
    return null;
  }

  /** What came after the last line's end: a last line that nobody ended. */
  rest(): string {
    return this.take();
  }

  private take(): string {
    const decoder = new TextDecoder();
    let line = "";
    for (const part of this.parts) line += decoder.decode(part, { stream: true });
    line += decoder.decode();
    this.forget();
    return line.trim();
  }

  private forget(): void {
    this.parts = [];
    this.held = 0;
  }
}

const EMPTY = new Uint8Array(0);
