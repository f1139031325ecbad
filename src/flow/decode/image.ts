// What kind of picture it is and how large, from its first bytes.

/** `PNG, 640 × 480`; null if it is no picture that we know. */
export function viewImage(content: Uint8Array): { text: string } | null {
  const bytes = Buffer.from(content.buffer, content.byteOffset, content.byteLength);
  for (const { name, starts, size } of KINDS) {
    if (!starts(bytes)) continue;
    const dimensions = size(bytes);
    const measure = dimensions === null ? "" : `, ${dimensions[0]} × ${dimensions[1]}`;
    return { text: `${name}${measure}, ${bytes.length} bytes` };
  }
  return null;
}

type Dimensions = readonly [width: number, height: number];

interface Kind {
  readonly name: string;
  starts(bytes: Buffer): boolean;
  /** Null if the bytes that say so are missing. */
  size(bytes: Buffer): Dimensions | null;
}

const KINDS: readonly Kind[] = [
  {
    name: "PNG",
    starts: bytes => bytes.toString("latin1", 0, 8) === "\x89PNG\r\n\x1a\n",
    size: bytes => (bytes.length < 24 ? null : [bytes.readUInt32BE(16), bytes.readUInt32BE(20)]),
  },
  {
    name: "GIF",
    starts: bytes => /^GIF8[79]a/.test(bytes.toString("latin1", 0, 6)),
    size: bytes => (bytes.length < 10 ? null : [bytes.readUInt16LE(6), bytes.readUInt16LE(8)]),
  },
  { name: "JPEG", starts: bytes => bytes[0] === 0xff && bytes[1] === 0xd8 && bytes[2] === 0xff, size: jpegSize },
  {
    name: "WebP",
    starts: bytes => bytes.toString("latin1", 0, 4) === "RIFF" && bytes.toString("latin1", 8, 12) === "WEBP",
    size: webpSize,
  },
  {
    name: "AVIF",
    starts: bytes => /^ftypavi[fs]/.test(bytes.toString("latin1", 4, 12)),
    size: isoSize,
  },
  {
    name: "HEIC",
    starts: bytes => /^ftyp(heic|heix|mif1)/.test(bytes.toString("latin1", 4, 12)),
    size: isoSize,
  },
  {
    name: "BMP",
    starts: bytes => bytes.toString("latin1", 0, 2) === "BM" && bytes.length >= 26 && bytes.readUInt32LE(14) >= 40,
    size: bytes => [Math.abs(bytes.readInt32LE(18)), Math.abs(bytes.readInt32LE(22))],
  },
  {
    name: "icon",
    starts: bytes => bytes.toString("latin1", 0, 4) === "\0\0\x01\0" && bytes.length >= 22,
    // 0 stands for 256.
    size: bytes => [bytes[6]! || 256, bytes[7]! || 256],
  },
];

/** Walks the segments to the frame header (ITU T.81 §B.2.2). */
function jpegSize(bytes: Buffer): Dimensions | null {
  let at = 2;
  while (at + 9 < bytes.length && bytes[at] === 0xff) {
    const marker = bytes[at + 1]!;
    if (marker === 0xff) {
      at++; // fill
      continue;
    }
    const isFrame = marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc;
    if (isFrame) return [bytes.readUInt16BE(at + 7), bytes.readUInt16BE(at + 5)];
    at += 2 + bytes.readUInt16BE(at + 2);
  }
  return null;
}

/** Three layouts: lossy, lossless, extended (RFC 9649). */
function webpSize(bytes: Buffer): Dimensions | null {
  if (bytes.length < 30) return null;
  switch (bytes.toString("latin1", 12, 16)) {
    case "VP8 ":
      return [bytes.readUInt16LE(26) & 0x3fff, bytes.readUInt16LE(28) & 0x3fff];
    case "VP8L": {
      const bits = bytes.readUInt32LE(21);
      return [(bits & 0x3fff) + 1, ((bits >>> 14) & 0x3fff) + 1];
    }
    case "VP8X":
      return [bytes.readUIntLE(24, 3) + 1, bytes.readUIntLE(27, 3) + 1];
    default:
      return null;
  }
}

/** The first spatial extents property (ISO/IEC 23008-12 §6.5.3), wherever it stands among the boxes at the start. */
function isoSize(bytes: Buffer): Dimensions | null {
  const at = bytes.subarray(0, 4096).indexOf("ispe");
  return at < 0 || at + 16 > bytes.length ? null : [bytes.readUInt32BE(at + 8), bytes.readUInt32BE(at + 12)];
}
