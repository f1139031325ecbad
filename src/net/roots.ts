import { readFileSync } from "node:fs";
import { rootCertificates } from "node:tls";

/**
 * Where the systems keep their roots as one PEM bundle; the first that exists counts. Go's list (crypto/x509
 * root_linux.go, root_bsd.go). Windows and macOS keep them elsewhere: there Node's own list has to do.
 */
const BUNDLES = [
  "/etc/ssl/certs/ca-certificates.crt", // Debian, Ubuntu, Arch, Gentoo
  "/etc/pki/tls/certs/ca-bundle.crt", // Fedora, RHEL 6
  "/etc/ssl/ca-bundle.pem", // OpenSUSE
  "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem", // RHEL 7
  "/etc/ssl/cert.pem", // Alpine, macOS, FreeBSD
];

const PEM = /-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----/g;

/**
 * Everything that is trusted upstream: Node's roots, the system's, those of NODE_EXTRA_CA_CERTS, and `extra` (PEM).
 * Reads files: call it once, off the start-up path (a context with explicit roots takes 60 ms to build).
 */
export function upstreamRoots(extra: readonly string[], env: NodeJS.ProcessEnv): string[] {
  const roots = new Set<string>(rootCertificates);
  for (const pem of certificatesOf(readFirst(systemBundles(env)))) roots.add(pem);
  if (env.NODE_EXTRA_CA_CERTS) for (const pem of certificatesOf(readFirst([env.NODE_EXTRA_CA_CERTS]))) roots.add(pem);
  for (const text of extra) for (const pem of certificatesOf(text)) roots.add(pem);
  return [...roots];
}

function systemBundles(env: NodeJS.ProcessEnv): readonly string[] {
  return env.SSL_CERT_FILE ? [env.SSL_CERT_FILE] : BUNDLES;
}

function certificatesOf(text: string): string[] {
  // One spelling for each certificate, so that the lists' overlap is not loaded twice.
  return (text.match(PEM) ?? []).map(pem => pem.replaceAll("\r\n", "\n"));
}

function readFirst(paths: readonly string[]): string {
  for (const path of paths) {
    try {
      return readFileSync(path, "utf8");
    } catch {
      // The next place; a system without any still has Node's roots.
    }
  }
  return "";
}
