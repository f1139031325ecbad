import assert from "node:assert/strict";
import { X509Certificate } from "node:crypto";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { test } from "node:test";
import { connect, createServer, type TLSSocket } from "node:tls";
import { issueClient, issueServer } from "../../src/ca/issue.ts";
import { outputOf, skipWithout } from "../support/tool.ts";
import { newRoot, verifyStrictly } from "./scene.ts";

test("a server certificate for several names", { skip: skipWithout("openssl") }, t => {
  const { caDir, root } = newRoot(t);
  const issued = issueServer(root, ["dev.example", "bücher.example", "127.0.0.1", "::1"], Date.now());
  for (const name of ["dev.example", "xn--bcher-kva.example", "127.0.0.1", "::1"]) {
    assert.match(verifyStrictly(caDir, root.files.certificate, issued.certPem, name), /: OK/);
  }
  assert.deepEqual(issued.names, ["dev.example", "xn--bcher-kva.example", "127.0.0.1", "::1"]);
  const again = issueServer(root, ["dev.example"], Date.now());
  assert.notEqual(again.keyPem, issued.keyPem, "each has a key of its own");
});

test("a client certificate is for clients alone", { skip: skipWithout("openssl") }, t => {
  const { caDir, root } = newRoot(t);
  const issued = issueClient(root, "ann (laptop) ✓", Date.now());
  const file = join(caDir, "ann.crt");
  writeFileSync(file, issued.certPem);
  const verify = (purpose: string) =>
    outputOf("openssl", "verify", "-x509_strict", "-purpose", purpose, "-CAfile", root.files.certificate, file);
  assert.match(verify("sslclient"), /: OK/);
  assert.throws(() => verify("sslserver"), /unsuitable certificate purpose/);
  assert.equal(new X509Certificate(issued.certPem).subject, "CN=ann (laptop) ✓");
});

test("client and server meet", async t => {
  const { root } = newRoot(t);
  const ours = issueServer(root, ["localhost"], Date.now());
  const theirs = issueClient(root, "ann", Date.now());
  const options = { cert: ours.certPem, key: ours.keyPem, ca: root.certPem, requestCert: true };
  const server = createServer(options, socket => socket.end(JSON.stringify(socket.getPeerCertificate().subject)));
  t.after(() => server.close());
  await once(server.listen(0, "127.0.0.1"), "listening");
  const { port } = server.address() as AddressInfo;
  const trusting = { ca: root.certPem, cert: theirs.certPem, key: theirs.keyPem, servername: "localhost" };
  const client: TLSSocket = connect({ port, host: "127.0.0.1", ...trusting });
  let text = "";
  client.on("data", data => (text += data));
  await once(client, "end");
  assert.equal(text, '{"CN":"ann"}');
});

test("bad names are refused", t => {
  const { root } = newRoot(t);
  assert.throws(() => issueServer(root, ["ok.example", "*.example"], Date.now()), { code: "bad-name" });
  for (const name of ["", "x".repeat(65), "a\nb"]) {
    assert.throws(() => issueClient(root, name, Date.now()), { code: "bad-client-name" });
  }
});
