// Certificates on request, to be kept as files: for a server of the user's own, or for a client that must show one.
import { generateKeyPairSync, randomBytes } from "node:crypto";
import { keyPem } from "./bundle.ts";
import { CaError } from "./error.ts";
import { parseHost } from "./host.ts";
import { mint } from "./mint.ts";
import { CURVE, leafExtensions, leafSubject, MAX_COMMON_NAME, subjectAltName } from "./profiles.ts";
import type { Root } from "./root.ts";
import { keyIdOf, spkiOf } from "./signer.ts";

export interface Issued {
  /** The certificate and the chain below the root. */
  readonly certPem: string;
  /** Its own key, PKCS#8, not encrypted. */
  readonly keyPem: string;
  /** Hexadecimal. */
  readonly serial: string;
  readonly notAfter: Date;
  /** What it is for, in the form it has in the certificate. */
  readonly names: readonly string[];
}

/** For a TLS server of these names: DNS, IDN or IP. @throws CaError "bad-name", "expired". */
export function issueServer(root: Root, names: readonly [string, ...string[]], nowMs: number): Issued {
  const hosts = names.map(parseHost);
  const texts = hosts.map(host => host.text);
  return issue(root, "server", leafSubject(texts[0]!), texts, [subjectAltName(hosts)], nowMs);
}

/** For a TLS client of this name (a user, a device: any text of 1 to 64 characters). @throws CaError "bad-name", "expired". */
export function issueClient(root: Root, name: string, nowMs: number): Issued {
  if (name === "" || name.length > MAX_COMMON_NAME || /\p{Cc}/u.test(name)) {
    throw new CaError("bad-client-name", JSON.stringify(name.slice(0, 80)));
  }
  return issue(root, "client", leafSubject(name), [name], [], nowMs);
}

function issue(
  root: Root,
  purpose: "server" | "client",
  subject: Buffer,
  names: readonly string[],
  alternatives: readonly Buffer[],
  nowMs: number,
): Issued {
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: CURVE });
  const spki = spkiOf(publicKey);
  const extensions = [leafExtensions(purpose, keyIdOf(spki), root.issuer.keyId), ...alternatives];
  const { certPem, serial, notAfterMs } = mint(root, { subject, spki, extensions, nowMs, randomBytes });
  return { certPem, keyPem: keyPem(privateKey, undefined), serial, notAfter: new Date(notAfterMs), names };
}
