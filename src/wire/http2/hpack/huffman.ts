// RFC 7541 §5.2 and appendix B. The code is canonical, so that the lengths say everything: codes of one length count up in
// the order of their symbols.

import { hpackError } from "../error.ts";

/** Bytes that `text` (one char a byte) takes in this code. */
export function huffmanLength(text: string): number {
  let bits = 0;
  for (let i = 0; i < text.length; i++) bits += LENGTHS[text.charCodeAt(i) & 0xff];
  return (bits + 7) >>> 3;
}

/** Writes `text` at out[at]; there must be room for huffmanLength(text). Returns where it ends. */
export function huffmanEncode(text: string, out: Uint8Array, at: number): number {
  let bits = 0;
  let held = 0;
  for (let i = 0; i < text.length; i++) {
    const symbol = text.charCodeAt(i) & 0xff;
    let left = LENGTHS[symbol];
    const code = CODES[symbol];
    // A code of 30 bits beside 7 that are held would not fit: it goes in two parts.
    while (left > 0) {
      const take = Math.min(left, 24 - held);
      bits = (bits << take) | ((code >>> (left - take)) & ((1 << take) - 1));
      held += take;
      left -= take;
      while (held >= 8) {
        held -= 8;
        out[at++] = bits >>> held;
      }
      bits &= (1 << held) - 1;
    }
  }
  // The rest of the last byte is the beginning of EOS: ones.
  if (held > 0) out[at++] = (bits << (8 - held)) | (0xff >>> held);
  return at;
}

/** Bytes that `length` coded ones may become: the shortest code has five bits. */
export function huffmanRoom(length: number): number {
  return Math.ceil((length * 8) / SHORTEST);
}

/**
 * Decodes buf[start, end) into `out`, which must have huffmanRoom() bytes. Returns how many there are. Throws Http2Error
 * for EOS, and for padding that is longer than 7 bits or not all ones.
 */
export function huffmanDecode(buf: Uint8Array, start: number, end: number, out: Uint8Array): number {
  let state = 0;
  let at = 0;
  let step = ACCEPTED;
  for (let i = start; i < end; i++) {
    const byte = buf[i];
    step = STEPS[(state << 4) | (byte >>> 4)];
    if ((step & SYMBOL) !== 0) out[at++] = step >>> 16;
    else if ((step & FAILED) !== 0) throw hpackError("a Huffman string with EOS in it");
    step = STEPS[((step & STATE) << 4) | (byte & 15)];
    if ((step & SYMBOL) !== 0) out[at++] = step >>> 16;
    else if ((step & FAILED) !== 0) throw hpackError("a Huffman string with EOS in it");
    state = step & STATE;
  }
  if ((step & ACCEPTED) === 0) throw hpackError("a Huffman string that does not end as it must");
  return at;
}

const SHORTEST = 5;

/** Bits of each symbol's code; 256 is EOS. */
const LENGTHS = Uint8Array.from([
  13, 23, 28, 28, 28, 28, 28, 28, 28, 24, 30, 28, 28, 30, 28, 28, 28, 28, 28, 28, 28, 28, 30, 28, 28, 28, 28, 28, 28,
  28, 28, 28, 6, 10, 10, 12, 13, 6, 8, 11, 10, 10, 8, 11, 8, 6, 6, 6, 5, 5, 5, 6, 6, 6, 6, 6, 6, 6, 7, 8, 15, 6, 12, 10,
  13, 6, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 8, 7, 8, 13, 19, 13, 14, 6, 15, 5, 6, 5, 6,
  5, 6, 6, 6, 5, 7, 7, 6, 6, 6, 5, 6, 7, 6, 5, 5, 6, 7, 7, 7, 7, 7, 15, 11, 14, 13, 28, 20, 22, 20, 20, 22, 22, 22, 23,
  22, 23, 23, 23, 23, 23, 24, 23, 24, 24, 22, 23, 24, 23, 23, 23, 23, 21, 22, 23, 22, 23, 23, 24, 22, 21, 20, 22, 22,
  23, 23, 21, 23, 22, 22, 24, 21, 22, 23, 23, 21, 21, 22, 21, 23, 22, 23, 23, 20, 22, 22, 22, 23, 22, 22, 23, 26, 26,
  20, 19, 22, 23, 22, 25, 26, 26, 26, 27, 27, 26, 24, 25, 19, 21, 26, 27, 27, 26, 27, 24, 21, 21, 26, 26, 28, 27, 27,
  27, 20, 24, 20, 21, 22, 21, 21, 23, 22, 22, 25, 25, 24, 24, 26, 23, 26, 27, 26, 26, 27, 27, 27, 27, 27, 28, 27, 27,
  27, 27, 27, 26, 30,
]);

const EOS = 256;

/** Each symbol's code, right-aligned. */
const CODES = canonicalCodes();

function canonicalCodes(): Uint32Array {
  const codes = new Uint32Array(LENGTHS.length);
  let code = 0;
  for (let length = SHORTEST; length <= 30; length++) {
    for (let symbol = 0; symbol < LENGTHS.length; symbol++) if (LENGTHS[symbol] === length) codes[symbol] = code++;
    code <<= 1;
  }
  return codes;
}

// Decoding goes four bits at a time: a state is an inner node of the code's tree, a step says where the four bits lead and
// which symbol they finish, if one (the shortest code is longer than four bits).
const STATE = 0xff;
const SYMBOL = 0x100;
/** The string may end here: what is left are at most seven ones (§5.2). */
const ACCEPTED = 0x200;
const FAILED = 0x400;

/** By state << 4 | bits: next state, flags, and the symbol from bit 16 on. */
const STEPS = decodingSteps();

function decodingSteps(): Uint32Array {
  // Children of each inner node: another node, or ~symbol.
  const tree: [zero: number, one: number][] = [[0, 0]];
  for (let symbol = 0; symbol < LENGTHS.length; symbol++) {
    let node = 0;
    for (let bit = LENGTHS[symbol] - 1; bit > 0; bit--) {
      const side = (CODES[symbol] >>> bit) & 1;
      if (tree[node][side] === 0) tree[node][side] = tree.push([0, 0]) - 1;
      node = tree[node][side];
    }
    tree[node][CODES[symbol] & 1] = ~symbol;
  }
  const accepted = new Set<number>();
  for (let node = 0, ones = 0; ones < 8; ones++, node = tree[node][1]) accepted.add(node);
  const steps = new Uint32Array(tree.length << 4);
  for (let index = 0; index < steps.length; index++) {
    let node = index >>> 4;
    let flags = 0;
    let symbol = 0;
    for (let bit = 3; bit >= 0; bit--) {
      const next = tree[node][(index >>> bit) & 1];
      if (next >= 0) node = next;
      else {
        symbol = ~next;
        flags = symbol === EOS ? FAILED : SYMBOL;
        node = 0;
      }
    }
    if (flags === FAILED) symbol = 0;
    steps[index] = node | flags | (accepted.has(node) ? ACCEPTED : 0) | (symbol << 16);
  }
  return steps;
}
