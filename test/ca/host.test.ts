// Properties of names: whatever is taken has one form, and an independent reader finds exactly that in the certificate.
import assert from "node:assert/strict";
import { X509Certificate } from "node:crypto";
import { isIP } from "node:net";
import { test } from "node:test";
import fc from "fast-check";
import { CaError } from "../../src/ca/error.ts";
import { parseHost } from "../../src/ca/host.ts";
import { ann, leafCache, NOW, newRoot } from "./scene.ts";

const label = fc.stringMatching(/^[a-z0-9_](?:[a-z0-9_-]{0,20}[a-z0-9_])?$/);
const dnsName = fc.array(label, { minLength: 1, maxLength: 5 }).map(labels => [...labels, "example"].join("."));

test("any DNS name gets a certificate for itself and no other", t => {
  const cache = leafCache(newRoot(t, ann).root, () => NOW);
  fc.assert(
    fc.property(dnsName, fc.boolean(), fc.boolean(), (name, upper, dot) => {
      const leaf = cache.get((upper ? name.toUpperCase() : name) + (dot ? "." : ""));
      assert.equal(leaf.host, name);
      assert.equal(new X509Certificate(leaf.certPem).subjectAltName, `DNS:${name}`);
    }),
  );
});

test("any address gets a certificate for its bytes", t => {
  const cache = leafCache(newRoot(t, ann).root, () => NOW);
  fc.assert(
    fc.property(fc.oneof(fc.ipV4(), fc.ipV6()), address => {
      const { host, certPem } = cache.get(address);
      assert.ok(isIP(host), host);
      assert.ok(new X509Certificate(certPem).checkIP(address), `${address} against ${host}`);
    }),
  );
});

test("addresses are taken exactly when node:net takes them (zones aside)", () => {
  const nearIp = fc.stringMatching(/^[0-9a-f:.]{1,24}$/);
  fc.assert(
    fc.property(fc.oneof(nearIp, fc.ipV4(), fc.ipV6()), text => {
      let kind = "refused";
      try {
        kind = parseHost(text).kind;
      } catch (error) {
        assert.ok(error instanceof CaError);
      }
      assert.equal(kind === "ip", isIP(text) !== 0, text);
    }),
    { numRuns: 3000 },
  );
});

test("parsing is idempotent, and nothing but CaError is ever thrown", () => {
  const anything = fc.oneof(
    fc.string({ unit: "binary", maxLength: 40 }),
    fc.string({ unit: "grapheme", maxLength: 40 }).map(text => `${text}.example`),
    dnsName,
  );
  fc.assert(
    fc.property(anything, text => {
      try {
        const once = parseHost(text);
        assert.deepEqual(parseHost(once.text), once);
        assert.match(once.text, once.kind === "dns" ? /^[a-z0-9_.-]{1,253}$/ : /^[0-9a-f:.]+$/);
      } catch (error) {
        assert.ok(error instanceof CaError, String(error));
      }
    }),
    { numRuns: 5000 },
  );
});
