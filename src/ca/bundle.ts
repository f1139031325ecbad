// A certificate file and a key file, understood together: which certificate the key signs for, and what it hangs from.
import { createPrivateKey, type KeyObject } from "node:crypto";
import { type Certificate, readCertificate } from "./certificate.ts";
import { CaError, reasonOf } from "./error.ts";

const CERTIFICATE_BLOCK = /-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----/g;
const KEY_BLOCK = /-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----[\s\S]*?-----END (?:[A-Z]+ )*PRIVATE KEY-----/;
const ENCRYPTED = /BEGIN ENCRYPTED PRIVATE KEY|Proc-Type: 4,ENCRYPTED/;

/** The certificates of a PEM file, in its order; other blocks and text around them are skipped. */
export function readCertificates(text: string, path: string): Certificate[] {
  const blocks = text.match(CERTIFICATE_BLOCK);
  if (blocks === null) throw new CaError("bad-pem", path, "no CERTIFICATE block in it");
  return blocks.map((block, i) => {
    try {
      return readCertificate(block);
    } catch (error) {
      throw new CaError("bad-pem", path, `certificate ${i + 1}: ${reasonOf(error)}`);
    }
  });
}

/** The private key of a PEM file: PKCS#8, or the older RSA and EC forms, encrypted or not. */
export function readKey(text: string, path: string, passphrase: string | undefined): KeyObject {
  const block = KEY_BLOCK.exec(text)?.[0];
  if (block === undefined) throw new CaError("bad-pem", path, "no PRIVATE KEY block in it");
  const encrypted = ENCRYPTED.test(block);
  if (encrypted && passphrase === undefined) throw new CaError("passphrase-needed", path);
  try {
    return createPrivateKey(encrypted ? { key: block, passphrase } : block);
  } catch (error) {
    throw encrypted ? new CaError("wrong-passphrase", path) : new CaError("bad-pem", path, reasonOf(error));
  }
}

/** PKCS#8, PEM; encrypted with AES-256 if there is a passphrase. */
export function keyPem(key: KeyObject, passphrase: string | undefined): string {
  const encryption = passphrase === undefined ? {} : { cipher: "aes-256-cbc", passphrase };
  return key.export({ type: "pkcs8", format: "pem", ...encryption }).toString();
}

export interface Bundle {
  /** Signs leaves. */
  readonly issuer: Certificate;
  /** What a server sends after its leaf: the issuer and on, without the anchor; empty if the issuer is the anchor. */
  readonly chain: readonly Certificate[];
  /** What people trust: the self-signed root; if the file lacks it, the last certificate that it leads to. */
  readonly anchor: Certificate;
}

/** The certificate that the key belongs to, wherever in the file it stands, and its way up. */
export function bundleFor(key: KeyObject, certificates: readonly Certificate[], keyPath: string): Bundle {
  const issuer = certificates.find(certificate => certificate.x509.checkPrivateKey(key));
  if (issuer === undefined) throw new CaError("key-mismatch", keyPath);
  return bundleFrom(issuer, certificates);
}

/** As above where the key is not at hand: the issuer is the first certificate that is not another one's parent. */
export function bundleWithoutKey(certificates: readonly Certificate[]): Bundle {
  const lowest = certificates.find(
    one => !certificates.some(other => other !== one && other.x509.checkIssued(one.x509)),
  );
  return bundleFrom(lowest ?? certificates[0]!, certificates); // readCertificates never gives an empty list
}

function bundleFrom(issuer: Certificate, certificates: readonly Certificate[]): Bundle {
  const path = [issuer];
  for (let last = issuer; !last.selfSigned; ) {
    const parent = certificates.find(one => !path.includes(one) && last.x509.checkIssued(one.x509));
    if (parent === undefined) break;
    path.push(parent);
    last = parent;
  }
  const anchor = path.at(-1)!;
  return { issuer, chain: anchor.selfSigned ? path.slice(0, -1) : path, anchor };
}
