import type { LogRing } from "../control/log.ts";

/** Where the gateway says things that are no flows. */
export interface Log {
  info(message: string): void;
  warn(message: string): void;
}

/** The same log, remembered for those who come by the control API. */
export function recordedLog(log: Log, ring: LogRing): Log {
  return {
    info: message => {
      ring.add("info", message);
      log.info(message);
    },
    warn: message => {
      ring.add("warn", message);
      log.warn(message);
    },
  };
}
