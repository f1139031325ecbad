// What the tests of ca share: folders that vanish, roots in them, and authorities made by openssl, not by us.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { LeafCache } from "../../src/ca/leaf.ts";
import { openRoot, type Root, type RootOptions } from "../../src/ca/root.ts";
import { outputOf } from "../support/tool.ts";

export const NOW = Date.parse("2026-06-01T12:00:00Z");
export const ann: RootOptions = { now: () => NOW, user: "ann", host: "laptop" };

/** The same at the real time, for peers with a clock of their own. */
export const annToday: RootOptions = { ...ann, now: () => Date.now() };

export function temporary(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), "waylay-ca-"));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

export function newRoot(t: TestContext, options: Partial<RootOptions> = {}): { caDir: string; root: Root } {
  const caDir = join(temporary(t), "ca");
  return { caDir, root: openRoot(caDir, { ...annToday, ...options }) };
}

export function leafCache(root: Root, now: () => number = () => Date.now()): LeafCache {
  return new LeafCache(root, { now, max: 1000 });
}

export interface KeyKind {
  readonly name: string;
  /** Arguments of `openssl genpkey`. */
  readonly generate: readonly string[];
}

export const RSA: KeyKind = { name: "RSA 2048", generate: ["-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"] };
export const P256: KeyKind = {
  name: "EC P-256",
  generate: ["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"],
};
export const P384: KeyKind = {
  name: "EC P-384",
  generate: ["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-384"],
};

/** A root as an organisation would make it. Returns its files. */
export function opensslRoot(
  folder: string,
  kind: KeyKind,
  options: { name?: string; extensions?: readonly string[]; days?: readonly string[] } = {},
): { cert: string; key: string } {
  const name = options.name ?? "Corp Root";
  const cert = join(folder, `${name}.crt`);
  const key = join(folder, `${name}.key`);
  outputOf("openssl", "genpkey", ...kind.generate, "-out", key);
  const extensions = options.extensions ?? [
    "basicConstraints=critical,CA:TRUE",
    "keyUsage=critical,keyCertSign,cRLSign",
    "subjectKeyIdentifier=00112233445566778899AABBCCDDEEFF", // not the hash that RFC 5280 proposes
  ];
  const added = extensions.flatMap(extension => ["-addext", extension]);
  // A configuration of our own: the system's would add extensions.
  const config = join(folder, "openssl.cnf");
  writeFileSync(config, "[req]\ndistinguished_name=dn\n[dn]\n");
  const common = ["-config", config, "-subj", `/O=Corp/CN=${name}`, ...added];
  outputOf(
    "openssl",
    "req",
    "-x509",
    "-new",
    "-key",
    key,
    "-out",
    cert,
    ...(options.days ?? ["-days", "3000"]),
    ...common,
  );
  return { cert, key };
}

/** An intermediate below a root. Returns its files. */
export function opensslIntermediate(
  folder: string,
  kind: KeyKind,
  parent: { cert: string; key: string },
  name = "Corp Issuing",
): { cert: string; key: string } {
  const cert = join(folder, `${name}.crt`);
  const key = join(folder, `${name}.key`);
  const request = join(folder, `${name}.csr`);
  const extensions = join(folder, `${name}.ext`);
  outputOf("openssl", "genpkey", ...kind.generate, "-out", key);
  outputOf("openssl", "req", "-new", "-key", key, "-subj", `/O=Corp/CN=${name}`, "-out", request);
  writeFileSync(
    extensions,
    "basicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign\nsubjectKeyIdentifier=hash\nauthorityKeyIdentifier=keyid\n",
  );
  const signer = ["-CA", parent.cert, "-CAkey", parent.key, "-CAcreateserial"];
  outputOf("openssl", "x509", "-req", "-in", request, ...signer, "-days", "2000", "-extfile", extensions, "-out", cert);
  return { cert, key };
}

/** Verified as the strictest client would: RFC 5280 in full, for a TLS server of this name. */
export function verifyStrictly(folder: string, trusted: string, certPem: string, host: string): string {
  const file = join(folder, "presented.pem");
  writeFileSync(file, certPem);
  const address = host.includes(":") || /^[\d.]+$/.test(host);
  const name = [address ? "-verify_ip" : "-verify_hostname", host];
  const strict = ["-x509_strict", "-check_ss_sig", "-purpose", "sslserver", ...name];
  return outputOf("openssl", "verify", ...strict, "-CAfile", trusted, "-untrusted", file, file);
}
