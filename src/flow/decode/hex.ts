// Bytes as `xxd` shows them.

const PER_LINE = 16;

/** Offsets, bytes in pairs, and what is printable; the first `limit` bytes. */
export function hexDump(bytes: Uint8Array, limit: number): string {
  const end = Math.min(bytes.length, limit);
  const lines: string[] = [];
  for (let at = 0; at < end; at += PER_LINE) {
    const line = bytes.subarray(at, Math.min(at + PER_LINE, end));
    let hex = "";
    let text = "";
    for (let i = 0; i < line.length; i++) {
      const byte = line[i]!;
      hex += (i % 2 === 0 && i > 0 ? " " : "") + byte.toString(16).padStart(2, "0");
      text += byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : ".";
    }
    lines.push(`${at.toString(16).padStart(8, "0")}: ${hex.padEnd(39)}  ${text}`);
  }
  if (end < bytes.length) lines.push(`… ${bytes.length - end} more bytes`);
  return lines.join("\n");
}
