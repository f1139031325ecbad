// Everything that can go wrong with the certificate authority, as one table: what is said, and what to do next.

const CATALOGUE = {
  unwritable: ["cannot be written", "Make it writable, or choose another home: waylay --home DIR"],
  unreadable: ["cannot be read", "Give yourself the right to read it: chmod u+r FILE"],
  "missing-key": [
    "is missing, but its certificate is there",
    "Put the key back, or have a new root made: waylay ca init --force",
  ],
  "missing-certificate": [
    "is missing, but its key is there",
    "Put the certificate back, or have a new root made: waylay ca init --force",
  ],
  "bad-pem": [
    "cannot be understood as PEM",
    "Put a good copy back (openssl x509 -in FILE -noout -text should read it), or make a new root: waylay ca init --force",
  ],
  "not-a-ca": [
    "is not the certificate of an authority (basicConstraints CA, keyUsage keyCertSign)",
    "Give one that may sign, with its key: waylay ca init --cert FILE --key FILE --force",
  ],
  "key-mismatch": [
    "does not match the certificate beside it",
    "Put the pair that belongs together back, or make a new root: waylay ca init --force",
  ],
  expired: ["has expired", "Make a new root and trust it: waylay ca init --force && waylay ca install"],
  "not-yet-valid": ["is not valid yet", "Check this machine's clock: date; or make a new root: waylay ca init --force"],
  "passphrase-needed": [
    "is encrypted and no passphrase was given",
    "Set WAYLAY_CA_PASSPHRASE, or name a file: --passphrase-file FILE",
  ],
  "wrong-passphrase": [
    "is encrypted and the passphrase does not open it",
    "Correct WAYLAY_CA_PASSPHRASE or --passphrase-file FILE; forgotten for good: waylay ca init --force",
  ],
  "unsupported-key": [
    "has a key that browsers do not take from an authority (RSA of 2048 bits or more, EC P-256, P-384 or P-521 will do)",
    "Make a new root, or bring another: waylay ca init --cert FILE --key FILE --force",
  ],
  exists: ["is there already", "See it: waylay ca show; put it aside and make a new one: waylay ca init --force"],
  "no-root": ["is not there yet", "Make it: waylay ca init"],
  "bad-name": [
    "is no host name or IP address that a certificate can be made for",
    "Give a DNS name (a.example.com, bücher.example) or an IP address",
  ],
  "bad-client-name": ["is no name for a client", "Give 1 to 64 printable characters: waylay ca issue client ann"],
  "no-anchor": [
    "ends at an intermediate, which nobody can trust alone",
    "Add its root's certificate to the end of that file, or trust the root with its own tools",
  ],
} as const satisfies Record<string, readonly [says: string, next: string]>;

export type CaErrorCode = keyof typeof CATALOGUE;

/** A fault of the authority's files, or a name that cannot have a certificate. One line: subject, fault, next command. */
export class CaError extends Error {
  readonly code: CaErrorCode;
  /** The file (or the host name, for `bad-name`) that it is about. */
  readonly subject: string;

  constructor(code: CaErrorCode, subject: string, detail = "") {
    const [says, next] = CATALOGUE[code];
    super(`${subject} ${says}${detail && ` (${detail})`}. ${next}`);
    this.name = "CaError";
    this.code = code;
    this.subject = subject;
  }
}

/** The short reason of a system error: its code and nothing of its stack. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return "code" in error && typeof error.code === "string" ? error.code : error.message;
}
