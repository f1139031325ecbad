// Zstandard without compression: a valid frame (RFC 8878) of raw blocks. Node 20 has no zstd, and edits and lessons need none.

const MAX_BLOCK = 128 * 1024; // RFC 8878 §3.1.1.2.4: Block_Maximum_Size is at most 128 KiB

/** Wraps `content` into one zstd frame that every decoder takes. */
export function zstdStored(content: Buffer): Buffer {
  const head = Buffer.alloc(10);
  head.writeUInt32LE(0xfd2fb528, 0); // Magic_Number, §3.1.1
  // Frame_Content_Size of 4 bytes, no checksum, §3.1.1.1.1. Not one Single_Segment, whose window were the whole content:
  // browsers take windows of 8 MB at most (RFC 9659).
  head[4] = 0x80;
  head[5] = 7 << 3; // Window_Descriptor: 2^(10 + 7) bytes, a block
  head.writeUInt32LE(content.length, 6);
  const parts: Buffer[] = [head];
  let at = 0;
  do {
    const end = Math.min(at + MAX_BLOCK, content.length);
    const last = end === content.length ? 1 : 0;
    const blockHead = Buffer.alloc(3);
    blockHead.writeUIntLE(((end - at) << 3) | last, 0, 3); // Block_Type 0 (Raw_Block), §3.1.1.2
    parts.push(blockHead, content.subarray(at, end));
    at = end;
  } while (at < content.length);
  return Buffer.concat(parts);
}
