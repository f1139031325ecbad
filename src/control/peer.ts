// One program on the control socket: lines in, answers and notifications out, in bounded memory whatever it does.
import type { Duplex } from "node:stream";
import { errorAnswer, INVALID_REQUEST, LineReader, TOO_LONG } from "../wire/json-rpc.ts";
import type { Control } from "./control.ts";
import type { HubEvent } from "./events/event.ts";
import type { Subscriber } from "./events/hub.ts";

export interface PeerLimits {
  /** Bytes of one request. */
  readonly controlLineBytes: number;
  /** Bytes that may wait for a peer to read them. */
  readonly controlWaitingBytes: number;
}

/** Requests in flight; beyond it the next lines wait in the socket. */
const IN_FLIGHT_MAX = 16;
/** How long a peer may take for the last answers when waylay ends, milliseconds. */
const END_MS = 500;

export class Peer implements Subscriber {
  private readonly socket: Duplex;
  private readonly control: Control;
  private readonly limits: PeerLimits;
  private readonly lines: LineReader;
  private readonly onGone: () => void;
  private inFlight = 0;
  private inputEnded = false;
  private gone = false;
  /** Something was kept back for want of room. */
  private starved = false;

  constructor(socket: Duplex, control: Control, limits: PeerLimits, onGone: () => void) {
    this.socket = socket;
    this.control = control;
    this.limits = limits;
    this.lines = new LineReader(limits.controlLineBytes);
    this.onGone = onGone;
    socket.on("data", (chunk: Buffer) => {
      this.lines.push(chunk);
      this.read();
    });
    socket.on("end", () => this.onInputEnd());
    socket.on("error", () => {}); // "close" follows
    socket.on("close", () => this.onClose());
  }

  offer(event: HubEvent, subscription: number): boolean {
    if (this.isFull()) return false;
    this.notify(event.body.name, `"subscription":${subscription},${event.members}`);
    return true;
  }

  resync(missed: number | null, subscription: number): void {
    this.notify("resync", `"subscription":${subscription},"missed":${missed}`);
  }

  /** Says goodbye: what was answered is delivered, if the peer takes it. */
  async end(): Promise<void> {
    if (this.gone) return;
    const closed = new Promise(resolve => this.socket.once("close", resolve));
    this.socket.end();
    const cut = setTimeout(() => this.socket.destroy(), END_MS);
    this.socket.resume();
    this.socket.once("finish", () => this.socket.destroy());
    await closed;
    clearTimeout(cut);
  }

  /**
   * What waits is ours to bound, so it is asked of every write. The socket's own "drain" says nothing before its mark has
   * been passed, and a smaller --limit control-waiting would wait for it for ever.
   */
  private write(text: string): void {
    this.socket.write(text, () => {
      if (!this.starved || this.gone || this.waiting > 0) return;
      this.starved = false;
      this.control.hub.drained(this);
      this.read();
    });
  }

  private get waiting(): number {
    return this.socket.writableLength;
  }

  /** Takes the lines that are there, as long as there is room for their answers. */
  private read(): void {
    while (!this.isBusy()) {
      const line = this.lines.next();
      if (line === null) {
        this.socket.resume();
        return;
      }
      if (line === TOO_LONG) this.refuseLine();
      else this.take(line);
    }
    this.socket.pause();
  }

  private isBusy(): boolean {
    return this.inFlight >= IN_FLIGHT_MAX || this.isFull();
  }

  /** True: more is to be said once everything that waits has gone. */
  private isFull(): boolean {
    if (this.waiting <= this.limits.controlWaitingBytes) return false;
    this.starved = true;
    return true;
  }

  private take(line: string): void {
    this.inFlight++;
    void this.control.answer(line, { subscriber: this }).then(answer => {
      this.inFlight--;
      if (this.gone) return;
      if (answer !== null) this.write(`${answer}\n`);
      this.read();
      this.endIfDone();
    });
  }

  private refuseLine(): void {
    const message = `a line has at most ${this.limits.controlLineBytes} bytes (--limit control-line=SIZE)`;
    this.write(`${JSON.stringify(errorAnswer(null, { code: INVALID_REQUEST, message }))}\n`);
  }

  private notify(method: string, members: string): void {
    if (!this.gone) this.write(`{"jsonrpc":"2.0","method":"${method}","params":{${members}}}\n`);
  }

  /** A peer may say all it has to say, end its side, and read on. */
  private onInputEnd(): void {
    this.inputEnded = true;
    const last = this.lines.rest();
    if (last !== "") this.take(last);
    else this.endIfDone();
  }

  private endIfDone(): void {
    if (this.inputEnded && this.inFlight === 0) this.socket.end();
  }

  private onClose(): void {
    this.gone = true;
    this.control.forget(this);
    this.onGone();
  }
}
