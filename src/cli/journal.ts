// Prints finished flows as they come: human lines or JSON lines. A proxy must never wait for a reader of its log, so
// lines are written together, once a turn of the event loop, and counted instead of kept when nobody reads them.

import type { FlowEvent } from "../flow/feed.ts";
import type { Io } from "./io.ts";
import { flowHeading, flowLine } from "./render/flow-line.ts";

/** Bytes that may wait for a slow reader of standard output. */
const WAITING_MAX = 4 << 20;

export class Journal {
  readonly #io: Io;
  readonly #json: boolean;
  #lines: string[] = [];
  #scheduled = false;
  #headingDue = true;
  #notShown = 0;
  /** Flows that were told, shown or not. */
  count = 0;

  constructor(io: Io, options: { json: boolean }) {
    this.#io = io;
    this.#json = options.json;
  }

  take(event: FlowEvent): void {
    if (event.type !== "flow.completed") return;
    this.count++;
    if (this.#io.outWaiting > WAITING_MAX) {
      this.#notShown++;
      return;
    }
    // The flow has to be read now: the event's objects are reused.
    const { flow } = event;
    this.#lines.push(
      this.#json ? JSON.stringify({ event: "flow", ...flow }) : flowLine(flow, this.#io.width, this.#io.paint),
    );
    if (!this.#scheduled) {
      this.#scheduled = true;
      setImmediate(() => this.flush());
    }
  }

  /** Writes what has come together. */
  flush(): void {
    this.#scheduled = false;
    if (this.#notShown > 0 && this.#io.outWaiting <= WAITING_MAX) {
      const flows = this.#notShown;
      this.#notShown = 0;
      this.#lines.unshift(
        this.#json
          ? JSON.stringify({ event: "missed", flows })
          : `… ${flows} flows recorded but not shown: output is not read`,
      );
    }
    if (this.#lines.length === 0) return;
    if (this.#headingDue && !this.#json && this.#io.outIsTerminal) {
      this.#lines.unshift(flowHeading(this.#io.width, this.#io.paint));
    }
    this.#headingDue = false;
    this.#io.out(`${this.#lines.join("\n")}\n`);
    this.#lines = [];
  }
}
