// The numbers of RFC 9113 §6, §7 and §11. Plain integers: they are compared on every frame.

export const F_DATA = 0x0;
export const F_HEADERS = 0x1;
export const F_PRIORITY = 0x2;
export const F_RST_STREAM = 0x3;
export const F_SETTINGS = 0x4;
export const F_PUSH_PROMISE = 0x5;
export const F_PING = 0x6;
export const F_GOAWAY = 0x7;
export const F_WINDOW_UPDATE = 0x8;
export const F_CONTINUATION = 0x9;

export const FLAG_END_STREAM = 0x1;
export const FLAG_ACK = 0x1;
export const FLAG_END_HEADERS = 0x4;
export const FLAG_PADDED = 0x8;
export const FLAG_PRIORITY = 0x20;

export const NO_ERROR = 0x0;
export const PROTOCOL_ERROR = 0x1;
export const INTERNAL_ERROR = 0x2;
export const FLOW_CONTROL_ERROR = 0x3;
export const SETTINGS_TIMEOUT = 0x4;
export const STREAM_CLOSED = 0x5;
export const FRAME_SIZE_ERROR = 0x6;
export const REFUSED_STREAM = 0x7;
export const CANCEL = 0x8;
export const COMPRESSION_ERROR = 0x9;
export const CONNECT_ERROR = 0xa;
export const ENHANCE_YOUR_CALM = 0xb;
export const INADEQUATE_SECURITY = 0xc;
export const HTTP_1_1_REQUIRED = 0xd;

export const S_HEADER_TABLE_SIZE = 0x1;
export const S_ENABLE_PUSH = 0x2;
export const S_MAX_CONCURRENT_STREAMS = 0x3;
export const S_INITIAL_WINDOW_SIZE = 0x4;
export const S_MAX_FRAME_SIZE = 0x5;
export const S_MAX_HEADER_LIST_SIZE = 0x6;
/** RFC 8441 §3. */
export const S_ENABLE_CONNECT_PROTOCOL = 0x8;

/** What a client says first (RFC 9113 §3.4). */
export const PREFACE = Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "latin1");

export const FRAME_HEADER_BYTES = 9;
/** SETTINGS_MAX_FRAME_SIZE before anybody says otherwise, and the least that it may be. */
export const MIN_FRAME_BYTES = 16_384;
export const MAX_FRAME_BYTES = 0xff_ff_ff;
export const WINDOW_START = 65_535;
export const WINDOW_MAX = 0x7f_ff_ff_ff;
export const STREAM_ID_MAX = 0x7f_ff_ff_ff;

const ERROR_NAMES = [
  "NO_ERROR",
  "PROTOCOL_ERROR",
  "INTERNAL_ERROR",
  "FLOW_CONTROL_ERROR",
  "SETTINGS_TIMEOUT",
  "STREAM_CLOSED",
  "FRAME_SIZE_ERROR",
  "REFUSED_STREAM",
  "CANCEL",
  "COMPRESSION_ERROR",
  "CONNECT_ERROR",
  "ENHANCE_YOUR_CALM",
  "INADEQUATE_SECURITY",
  "HTTP_1_1_REQUIRED",
] as const;

/** The name of an error code, for people; a number for one that nobody knows (§7: those have no special meaning). */
export function errorName(code: number): string {
  return ERROR_NAMES[code] ?? `0x${code.toString(16)}`;
}
