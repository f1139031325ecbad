// A CONNECT may name anything that is a reg-name; not everything of that can stand in a certificate.
import assert from "node:assert/strict";
import { after, describe, it } from "node:test";
import { startEngine } from "../support/engine.ts";
import { tlsClient } from "../support/raw-client.ts";

const engine = await startEngine({ after });

describe("TLS in a tunnel to a host that no certificate can name", () => {
  for (const host of ["exa$mple", "a..b", "%41%42", "*.x", "a'b", `${"x".repeat(300)}.example`, "127.1"]) {
    it(`${host.slice(0, 24)} ends that connection, and the flow says why`, async t => {
      // No SNI, so that only the CONNECT is there to be certified.
      await assert.rejects(tlsClient(t, engine.port(), `${host}:443`, { servername: "" }));
      const flow = await engine.flow(each => each.host === host);
      assert.equal(flow.error?.code, "client-tls-failed");
      assert.match(flow.error.message, /certificate/);
    });
  }
});
