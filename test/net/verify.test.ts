import assert from "node:assert/strict";
import { X509Certificate } from "node:crypto";
import { after, describe, it } from "node:test";
import type { PeerCertificate } from "node:tls";
import { certVerdict, checkIdentity } from "../../src/net/verify.ts";
import { makeCertificates } from "../support/certificates.ts";

const certificates = makeCertificates({ after });
let count = 0;
const named = (san: string, cn = "x") => {
  const { cert } = certificates.server(`c${++count}`, { san, cn });
  return { raw: new X509Certificate(cert).raw } as PeerCertificate; // all that is read of it
};

describe("does a certificate name a host?", () => {
  const cases: readonly [san: string, host: string, matches: boolean][] = [
    ["DNS:example.com", "example.com", true],
    ["DNS:example.com", "EXAMPLE.com", true],
    ["DNS:example.com", "www.example.com", false],
    ["DNS:*.example.com", "www.example.com", true],
    ["DNS:*.example.com", "example.com", false],
    ["DNS:*.example.com", "a.www.example.com", false],
    ["DNS:w*.example.com", "www.example.com", false],
    ["DNS:*", "localhost", false],
    ["DNS:*.com", "example.com", false],
    ["DNS:xn--bcher-kva.example", "xn--bcher-kva.example", true],
    ["IP:127.0.0.1", "127.0.0.1", true],
    ["IP:::1", "::1", true],
    ["IP:::1", "0:0:0:0:0:0:0:1", true],
    ["DNS:127.0.0.1", "127.0.0.1", false],
    ["DNS:*.0.0.1", "127.0.0.1", false],
    ["IP:127.0.0.2", "127.0.0.1", false],
    ["email:a@example.com", "example.com", false],
    ["URI:https://example.com/", "example.com", false],
    ["", "x", false],
  ];
  for (const [san, host, matches] of cases) {
    it(`${san || "no subjectAltName, CN=x"}: ${host} ${matches ? "yes" : "no"}`, () => {
      const error = checkIdentity(host, named(san)) as NodeJS.ErrnoException | undefined;
      assert.equal(error === undefined, matches);
      if (!matches) assert.equal(error?.code, "ERR_TLS_CERT_ALTNAME_INVALID");
    });
  }
});

describe("verdicts", () => {
  it("are told apart, and what is no certificate's fault is none", () => {
    assert.equal(certVerdict("CERT_HAS_EXPIRED", "")?.code, "cert-expired");
    assert.equal(certVerdict("UNSPECIFIED", "CA signature digest algorithm too weak")?.code, "cert-weak");
    assert.equal(certVerdict("UNSPECIFIED", "EE certificate key too weak")?.code, "cert-weak");
    assert.equal(certVerdict("UNSPECIFIED", "key usage does not include certificate signing")?.code, "cert-invalid");
    assert.equal(certVerdict("ECONNRESET", "read ECONNRESET"), undefined);
  });
});
