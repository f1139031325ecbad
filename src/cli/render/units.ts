// Numbers as people read them, short enough for a column.

const SIZE_STEPS = ["B", "kB", "MB", "GB", "TB"] as const;

/** `0 B`, `980 B`, `1.2 kB`, `16 MB`: powers of ten, at most seven characters. */
export function sizeText(bytes: number | undefined | null): string {
  if (bytes === undefined || bytes === null) return "";
  let value = bytes;
  let step = 0;
  while (value >= 999.5 && step < SIZE_STEPS.length - 1) {
    value /= 1000;
    step++;
  }
  return `${step === 0 || value >= 99.95 ? value.toFixed(0) : value.toFixed(1)} ${SIZE_STEPS[step]}`;
}

/** `0.4 ms`, `45 ms`, `1.23 s`, `12.3 s`, `3m 05s`, `2h 10m`: at most seven characters. */
export function durationText(ms: number | undefined | null): string {
  if (ms === undefined || ms === null || Number.isNaN(ms)) return "";
  if (ms < 9.95) return `${ms.toFixed(1)} ms`;
  if (ms < 999.5) return `${ms.toFixed(0)} ms`;
  if (ms < 9995) return `${(ms / 1000).toFixed(2)} s`;
  if (ms < 59_950) return `${(ms / 1000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1000);
  if (seconds < 3600) return `${Math.floor(seconds / 60)}m ${pad2(seconds % 60)}s`;
  const minutes = Math.round(seconds / 60);
  return `${Math.floor(minutes / 60)}h ${pad2(minutes % 60)}m`;
}

/** `18:30:05` in local time. */
export function clockText(epochMs: number): string {
  const date = new Date(epochMs);
  return `${pad2(date.getHours())}:${pad2(date.getMinutes())}:${pad2(date.getSeconds())}`;
}

/** `2026-11-22 18:30:05.123` in local time. */
export function dateText(epochMs: number): string {
  const date = new Date(epochMs);
  const day = `${date.getFullYear()}-${pad2(date.getMonth() + 1)}-${pad2(date.getDate())}`;
  return `${day} ${clockText(epochMs)}.${String(date.getMilliseconds()).padStart(3, "0")}`;
}

function pad2(value: number): string {
  return String(value).padStart(2, "0");
}

/** `1 rule`, `3 rules`. */
export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}
