// ca: who signs. This folder owns keys, certificates and their files below HOME/ca, and the systems' trust stores; it
// must not know of sockets, SecureContexts, flows or rules. Time, user and host come from outside.
// root.ts: the root (or the user's own intermediate) as the rest of waylay sees it: made on the first run, else loaded.
import { generateKeyPairSync, randomBytes } from "node:crypto";
import { type Bundle, bundleFor, bundleWithoutKey, keyPem, readCertificates, readKey } from "./bundle.ts";
import { type Certificate, nameLine, readCertificate, serialFrom, signCertificate } from "./certificate.ts";
import { CaError } from "./error.ts";
import { looseMode, type RootFiles, readIfThere, rootFiles, writeRoot } from "./files.ts";
import {
  BACKDATE_MS,
  CURVE,
  ROOT_VALIDITY_MS,
  rootExtensions,
  rootName,
  rootSubject,
  SERIAL_BYTES,
} from "./profiles.ts";
import { keyIdOf, type Signer, signerFor, spkiOf } from "./signer.ts";

/** What people trust, and where it lies. All that can be known without the private key. */
export interface Anchor {
  readonly certPem: string;
  readonly certDer: Buffer;
  /** What a server sends between its leaf and the anchor, PEM; "" if the anchor signs leaves itself. */
  readonly chainPem: string;
  /** SHA-256, "AB:CD:…". */
  readonly fingerprint256: string;
  /** One line: "CN=…, O=…". */
  readonly subject: string;
  /** The CN alone, or the subject if there is none. */
  readonly name: string;
  readonly notBefore: Date;
  /** The earliest end along the chain. */
  readonly notAfter: Date;
  /** False if the file ends at an intermediate whose root is elsewhere. */
  readonly selfSigned: boolean;
  readonly files: RootFiles;
}

export interface Root extends Anchor {
  /** Who signs leaves: the anchor itself, or the intermediate that root.key belongs to. */
  readonly issuer: Certificate;
  readonly signer: Signer;
  /** The files were made just now. */
  readonly created: boolean;
  /** Lines for the user: a key that others can read. */
  readonly warnings: readonly string[];
}

export interface Unlocking {
  readonly passphrase?: string | undefined;
  /** Milliseconds since the epoch. */
  now(): number;
}

export interface RootOptions extends Unlocking {
  /** Shown in a new root's name. */
  readonly user: string;
  readonly host: string;
}

/**
 * The root in caDir (HOME/ca): loaded, or made if neither certificate nor key is there. Takes some 5 ms.
 * @throws CaError for everything that can be wrong with the files.
 */
export function openRoot(caDir: string, options: RootOptions): Root {
  return loadRoot(caDir, options) ?? createRoot(caDir, options);
}

/** The root in caDir, checked to be fit for signing now; null if there is none. */
export function loadRoot(caDir: string, options: Unlocking): Root | null {
  const files = rootFiles(caDir);
  const certificateText = readIfThere(files.certificate);
  const keyText = readIfThere(files.key);
  if (certificateText === null && keyText === null) return null;
  if (certificateText === null) throw new CaError("missing-certificate", files.certificate);
  if (keyText === null) throw new CaError("missing-key", files.key);
  return checkedRoot(certificateText, keyText, files, options);
}

/** Any certificate file and key file as a root; `files` says where they are for messages. Writes nothing. */
export function checkedRoot(certificateText: string, keyText: string, files: RootFiles, options: Unlocking): Root {
  const certificates = readCertificates(certificateText, files.certificate);
  const key = readKey(keyText, files.key, options.passphrase);
  const bundle = bundleFor(key, certificates, files.key);
  const nowMs = options.now();
  for (const one of new Set([bundle.issuer, ...bundle.chain, bundle.anchor])) {
    const name = nameLine(one.x509.subject);
    if (!one.mayIssue) throw new CaError("not-a-ca", files.certificate, name);
    if (nowMs > one.notAfterMs) throw new CaError("expired", files.certificate, `${name}: ${one.x509.validTo}`);
    if (nowMs < one.notBeforeMs)
      throw new CaError("not-yet-valid", files.certificate, `${name}: from ${one.x509.validFrom}`);
  }
  const signer = signerFor(key);
  if (signer === null) throw new CaError("unsupported-key", files.key);
  const loose = looseMode(files.key);
  return {
    ...anchorOf(bundle, files),
    issuer: bundle.issuer,
    signer,
    created: false,
    warnings: loose === null ? [] : [loose],
  };
}

/** What people trust, without the key and whatever its dates: for showing, exporting, trusting and removing. */
export function readAnchor(caDir: string): Anchor | null {
  const files = rootFiles(caDir);
  const text = readIfThere(files.certificate);
  return text === null ? null : anchorFrom(text, files);
}

/** The same from any PEM text. @throws CaError "bad-pem". */
export function anchorFrom(text: string, files: RootFiles): Anchor {
  return anchorOf(bundleWithoutKey(readCertificates(text, files.certificate)), files);
}

function anchorOf({ anchor, chain }: Bundle, files: RootFiles): Anchor {
  const all = [anchor, ...chain];
  return {
    certPem: anchor.pem,
    certDer: anchor.der,
    chainPem: chain.map(one => one.pem).join(""),
    fingerprint256: anchor.x509.fingerprint256,
    subject: nameLine(anchor.x509.subject),
    name: /^CN=(.*)$/m.exec(anchor.x509.subject)?.[1] ?? nameLine(anchor.x509.subject),
    notBefore: new Date(Math.max(...all.map(one => one.notBeforeMs))),
    notAfter: new Date(Math.min(...all.map(one => one.notAfterMs))),
    selfSigned: anchor.selfSigned,
    files,
  };
}

function createRoot(caDir: string, options: RootOptions): Root {
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: CURVE });
  const spki = spkiOf(publicKey);
  const nowMs = options.now();
  const keyId = keyIdOf(spki);
  const name = rootSubject(rootName(options.user, options.host, nowMs, keyId));
  const signer = signerFor(privateKey)!; // P-256 is among what it knows
  const der = signCertificate(
    {
      serial: serialFrom(randomBytes(SERIAL_BYTES)),
      issuer: name,
      subject: name,
      spki,
      notBeforeMs: nowMs - BACKDATE_MS,
      notAfterMs: nowMs + ROOT_VALIDITY_MS,
      extensions: rootExtensions(keyId),
    },
    signer,
  );
  const certificate = readCertificate(der);
  const written = writeRoot(caDir, { certificate: certificate.pem, key: keyPem(privateKey, options.passphrase), der });
  const root = loadRoot(caDir, options); // read back: what counts is what is there, ours or a faster process's
  if (root === null) throw new CaError("unwritable", caDir, "what was written is gone");
  return { ...root, created: written };
}
