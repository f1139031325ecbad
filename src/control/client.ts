// The API's client, typed from the table of methods. Imports nothing of Node, so that the page can use it too: whoever makes one brings
// the way on which texts travel.
import type { RpcAnswer, RpcError } from "../wire/json-rpc.ts";
import type { EventName } from "./events/event.ts";
import type { MethodName, ParamsOf, ResultOf } from "./methods.ts";

/** A way for JSON texts, one message each, in both directions. */
export interface Transport {
  send(text: string): void;
  close(): void;
}

/** What `client.listen` hears: the notification's params, with `subscription`. */
export interface Notification {
  readonly method: EventName;
  readonly params: Readonly<Record<string, unknown>>;
}

/** The other side's answer was an error. */
export class RemoteError extends Error {
  readonly code: number;
  readonly data: unknown;

  constructor({ code, message, data }: RpcError) {
    super(message);
    this.name = "RemoteError";
    this.code = code;
    this.data = data;
  }
}

/** Nobody is at the other end (any more). */
export class DisconnectedError extends Error {}

interface Pending {
  resolve(result: unknown): void;
  reject(error: Error): void;
}

export class ControlClient {
  private readonly transport: Transport;
  private readonly pending = new Map<number, Pending>();
  private listener: ((notification: Notification) => void) | null = null;
  private lastId = 0;
  private gone: Error | null = null;
  private readonly onGone: (() => void)[] = [];

  /** Whoever makes the client tells it what comes by `receive`, and the end by `closed`. */
  constructor(transport: Transport) {
    this.transport = transport;
  }

  /** Rejects with RemoteError, or with DisconnectedError. */
  call<N extends MethodName>(method: N, params: ParamsOf<N>): Promise<ResultOf<N>> {
    return this.callByName(method, params) as Promise<ResultOf<N>>; // the table says what the method answers
  }

  /** For who takes the name from somebody else. */
  callByName(method: string, params: unknown): Promise<unknown> {
    if (this.gone !== null) return Promise.reject(this.gone);
    const id = ++this.lastId;
    return new Promise((resolve, reject) => {
      this.pending.set(id, { resolve, reject });
      this.transport.send(JSON.stringify({ jsonrpc: "2.0", id, method, params }));
    });
  }

  /** Hears all notifications; there is one listener. */
  listen(listener: (notification: Notification) => void): void {
    this.listener = listener;
  }

  /** Resolves when the connection is gone, whoever ended it. */
  get ended(): Promise<void> {
    return new Promise(resolve => {
      if (this.gone !== null) resolve();
      else this.onGone.push(resolve);
    });
  }

  close(): void {
    this.transport.close();
    this.closed(null);
  }

  /** A message came. */
  receive(text: string): void {
    const message = JSON.parse(text) as RpcAnswer | Notification; // waylay's own server writes these
    if ("method" in message) {
      this.listener?.(message);
      return;
    }
    const pending = this.pending.get(Number(message.id));
    this.pending.delete(Number(message.id));
    if ("error" in message) {
      const error = new RemoteError(message.error);
      // Without an id it is about the line, not about one call: nothing that was asked will be answered for certain.
      if (pending === undefined) this.closed(error);
      else pending.reject(error);
    } else pending?.resolve(message.result);
  }

  /** The way is gone. */
  closed(error: Error | null): void {
    if (this.gone !== null) return;
    this.gone = error ?? new DisconnectedError("waylay ended the connection");
    for (const { reject } of this.pending.values()) reject(this.gone);
    this.pending.clear();
    for (const resolve of this.onGone) resolve();
  }
}
