// What waylay says that is no flow: the last lines, for those who come later, and the next ones, for those who listen.

export type LogLevel = "info" | "warn";

export interface LogLine {
  readonly level: LogLevel;
  readonly message: string;
  /** Epoch milliseconds. */
  readonly at: number;
}

/** Lines kept. */
const KEPT = 500;

export class LogRing {
  private readonly now: () => number;
  private readonly lines: LogLine[] = [];
  private listeners: ((line: LogLine) => void)[] = [];

  constructor(now: () => number) {
    this.now = now;
  }

  add(level: LogLevel, message: string): void {
    const line = { level, message, at: this.now() };
    this.lines.push(line);
    if (this.lines.length > KEPT) this.lines.shift();
    for (const listener of this.listeners) listener(line);
  }

  /** The last lines, oldest first. */
  recent(): readonly LogLine[] {
    return this.lines;
  }

  subscribe(listener: (line: LogLine) => void): () => void {
    this.listeners = [...this.listeners, listener];
    return () => {
      this.listeners = this.listeners.filter(other => other !== listener);
    };
  }
}
