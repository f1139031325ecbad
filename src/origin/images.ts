// The two images that the origin serves: its logo as SVG, and as a PNG built byte by byte.
import { crc32, deflateSync } from "node:zlib";

/** Two arrows that meet a third party: what a proxy is. */
export const LOGO_SVG = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 64 64" width="64" height="64" role="img" aria-label="waylay origin">
<rect width="64" height="64" rx="14" fill="#0f766e"/>
<path d="M12 24h30M34 15l10 9-10 9" fill="none" stroke="#fff" stroke-width="5" stroke-linecap="round" stroke-linejoin="round"/>
<path d="M52 42H22M30 33l-10 9 10 9" fill="none" stroke="#5eead4" stroke-width="5" stroke-linecap="round" stroke-linejoin="round"/>
</svg>
`;

const SIDE = 32;

/** A 32x32 truecolour PNG (ISO/IEC 15948): signature, IHDR, one IDAT, IEND. */
export function logoPng(): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(SIDE, 0);
  header.writeUInt32BE(SIDE, 4);
  header.set([8, 2], 8); // 8 bits a sample, RGB; deflate, adaptive filters and no interlace are all 0
  const rows: Buffer[] = [];
  for (let y = 0; y < SIDE; y++) {
    const row = Buffer.alloc(1 + SIDE * 3); // filter byte 0: the row as it is
    for (let x = 0; x < SIDE; x++) row.set(pixel(x, y), 1 + x * 3);
    rows.push(row);
  }
  return Buffer.concat([
    Buffer.from("\x89PNG\r\n\x1a\n", "latin1"),
    chunk("IHDR", header),
    chunk("IDAT", deflateSync(Buffer.concat(rows))),
    chunk("IEND", Buffer.alloc(0)),
  ]);
}

function pixel(x: number, y: number): [number, number, number] {
  if (x > 5 && x < 22 && y > 10 && y < 14) return [255, 255, 255];
  if (x > 9 && x < 26 && y > 18 && y < 22) return [94, 234, 212];
  return [15, 118, 110];
}

function chunk(type: string, data: Buffer): Buffer {
  const typed = Buffer.concat([Buffer.from(type, "latin1"), data]);
  const ends = Buffer.alloc(8);
  ends.writeUInt32BE(data.length, 0);
  ends.writeUInt32BE(crc32(typed), 4);
  return Buffer.concat([ends.subarray(0, 4), typed, ends.subarray(4)]);
}
