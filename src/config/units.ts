// Texts that people write for numbers. Each parser gives undefined for what it cannot read; the caller knows the
// option's name and says so.

const SIZE_UNITS: Readonly<Record<string, number>> = {
  "": 1,
  b: 1,
  k: 1e3,
  kb: 1e3,
  m: 1e6,
  mb: 1e6,
  g: 1e9,
  gb: 1e9,
  kib: 2 ** 10,
  mib: 2 ** 20,
  gib: 2 ** 30,
};

const DURATION_UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1e3, m: 60e3, min: 60e3, h: 3600e3, d: 86400e3 };

/** `16MB`, `256KiB`, `1.5 GB`, `4096` in bytes. kB and MB are powers of ten, as in the filter language. */
export function parseSize(text: string): number | undefined {
  return scaled(text, SIZE_UNITS);
}

/** `500ms`, `10s`, `2m`, `1h` in milliseconds. The unit is asked for: a bare number is somebody's guess. */
export function parseDuration(text: string): number | undefined {
  return scaled(text, DURATION_UNITS);
}

/** A non-negative decimal integer, digits only. */
export function parseCount(text: string): number | undefined {
  if (!/^\d{1,15}$/.test(text)) return undefined;
  return Number(text);
}

/** A TCP port, 0 (any free one) to 65535. */
export function parsePort(text: string): number | undefined {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN;
  return port <= 65535 ? port : undefined;
}

/** An IPv4 or IPv6 address, without brackets. (node:net's isIP stays in src/net with the rest of node:net.) */
export function isAddress(text: string): boolean {
  if (text.includes(":")) return URL.canParse(`http://[${text}]/`);
  return /^\d{1,3}(\.\d{1,3}){3}$/.test(text) && text.split(".").every(part => Number(part) <= 255);
}

function scaled(text: string, units: Readonly<Record<string, number>>): number | undefined {
  const match = /^(\d+(?:\.\d+)?)\s*([a-z]*)$/i.exec(text.trim());
  const unit = match && units[match[2]!.toLowerCase()];
  if (!match || unit === undefined || unit === null) return undefined;
  const value = Math.round(Number(match[1]) * unit);
  return Number.isSafeInteger(value) ? value : undefined;
}
