// Live events as server-sent events (WHATWG HTML §9.2): one subscription of the hub as a stream of bytes that its reader paces.
import type { HubEvent } from "../control/events/event.ts";
import type { Subscriber } from "../control/events/hub.ts";

/** Proxies and browsers give up on silent connections; a comment now and then keeps them. Milliseconds. */
const BEAT_MS = 15_000;

export interface StreamEnds {
  /** The reader has room again. */
  drained(subscriber: Subscriber): void;
  /** The reader is gone. */
  gone(subscriber: Subscriber): void;
}

export class EventStream implements Subscriber {
  readonly readable: ReadableStream<Uint8Array>;
  private controller: ReadableStreamDefaultController<Uint8Array> | null = null;
  private readonly encoder = new TextEncoder();
  private beat: NodeJS.Timeout | null = null;

  /** `waitingBytes`: what may wait for the reader; beyond it events are left out. */
  constructor(waitingBytes: number, ends: StreamEnds) {
    this.readable = new ReadableStream<Uint8Array>(
      {
        start: controller => {
          this.controller = controller;
          this.write(": waylay\n\n");
          this.beat = setInterval(() => this.write(":\n\n"), BEAT_MS);
          this.beat.unref();
        },
        pull: () => ends.drained(this),
        cancel: () => {
          this.stop();
          ends.gone(this);
        },
      },
      new ByteLengthQueuingStrategy({ highWaterMark: waitingBytes }),
    );
  }

  offer(event: HubEvent, _subscription: number): boolean {
    if ((this.controller?.desiredSize ?? 0) <= 0) return false;
    this.write(`id: ${event.id}\nevent: ${event.body.name}\ndata: {${event.members}}\n\n`);
    return true;
  }

  resync(missed: number | null, _subscription: number): void {
    this.write(`event: resync\ndata: {"missed":${missed}}\n\n`);
  }

  /** Nothing more comes. */
  end(): void {
    const { controller } = this;
    this.stop();
    controller?.close();
  }

  private write(text: string): void {
    this.controller?.enqueue(this.encoder.encode(text));
  }

  private stop(): void {
    if (this.beat !== null) clearInterval(this.beat);
    this.beat = null;
    this.controller = null;
  }
}
