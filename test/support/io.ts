// An Io that takes notes, for commands run inside a test.
import { type Io, wantsColour } from "../../src/cli/io.ts";
import { paint } from "../../src/cli/render/paint.ts";

export interface NotedIo extends Io {
  stdout: string;
  stderr: string;
}

export interface IoScene {
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** Columns; undefined is a pipe. */
  readonly width?: number;
}

export function notedIo({ env = {}, cwd = "/", width }: IoScene = {}): NotedIo {
  const isTerminal = width !== undefined;
  const colours = paint(wantsColour(isTerminal, env));
  return {
    stdout: "",
    stderr: "",
    out(text) {
      this.stdout += text;
    },
    outBytes(bytes) {
      this.stdout += Buffer.from(bytes).toString("latin1");
    },
    err(text) {
      this.stderr += text;
    },
    ask: async () => undefined,
    lines: () => Object.assign((async function* () {})(), { pause() {}, resume() {}, close() {} }),
    readAll: async () => Buffer.alloc(0),
    env,
    cwd,
    outIsTerminal: isTerminal,
    width,
    paint: colours,
    errPaint: colours,
    outWaiting: 0,
    outTaken: async () => undefined,
    untilStopped: async () => undefined,
    onBug: () => undefined,
    exit: async () => undefined,
    exitCode: 0,
  };
}
