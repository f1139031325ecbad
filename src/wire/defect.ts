// What is wrong with a message but has one reading, by name: taken, shown on the flow, and sent on clean where `clean`
// says that the bytes as they came must not go out. What has no single reading is a WireError instead.

export type Defect = keyof typeof DEFECTS;

export interface DefectSpec {
  /** A sentence for people. */
  readonly message: string;
  /** The head must be sent on in its clean form (http1/clean.ts), not as it came. */
  readonly clean: boolean;
}

export const DEFECTS = {
  "empty-lines-before": { clean: false, message: "empty lines stood before the request line" },
  "version-minor": { clean: true, message: "the HTTP version is a later 1.x; read as HTTP/1.1" },
  "reason-missing": { clean: true, message: "the status line ends after the status" },
  "bare-lf": { clean: true, message: "lines of the head end with a bare LF" },
  "obs-fold": { clean: true, message: "a field is folded over several lines" },
  "blank-before-colon": { clean: true, message: "white space between a field name and its colon" },
  "content-length-repeated": { clean: true, message: "the same Content-Length stands there more than once" },
  "content-length-zeros": { clean: true, message: "Content-Length has leading zeros" },
  "length-beside-chunked": { clean: true, message: "Content-Length beside chunked; the length was taken out" },
  "framing-without-content": {
    clean: true,
    message: "Content-Length or Transfer-Encoding on an answer without content",
  },
  "target-userinfo": { clean: true, message: "the request target has user and password; they were taken out" },
  "target-fragment": { clean: true, message: "the request target has a fragment; it was taken out" },
  "trailer-forbidden": {
    clean: false,
    message: "a trailer that frames, routes or authenticates; not merged into fields",
  },
} as const satisfies Record<string, DefectSpec>;

/** The list of a message without any: shared, so that it can be compared by identity. */
export const NO_DEFECTS: readonly Defect[] = Object.freeze([]);

/** Whether one of them forbids sending the head as it came. */
export function mustClean(defects: readonly Defect[]): boolean {
  for (const defect of defects) if (DEFECTS[defect].clean) return true;
  return false;
}
