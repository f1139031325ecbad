// Each shipped file of rules/, loaded by an engine as it stands and exercised by requests to the hosts that it names: the engine is
// given an upstream proxy which leads every name to one origin.
import assert from "node:assert/strict";
import { cpSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { makeCertificates } from "../../support/certificates.ts";
import { type Engine, startEngine } from "../../support/engine.ts";
import type { Peer } from "../../support/peer.ts";
import { type Cleaner, rawClient, tlsClient } from "../../support/raw-client.ts";
import { type RawOrigin, rawOrigin } from "../../support/raw-origin.ts";
import { message } from "./scene.ts";

const SHIPPED = join(import.meta.dirname, "..", "..", "..", "rules");

/** A copy, so that the files which a lesson asks its reader to make can stand beside it. */
const folder = mkdtempSync(join(tmpdir(), "waylay-lessons-"));
after(() => rmSync(folder, { recursive: true, force: true }));
cpSync(SHIPPED, folder, { recursive: true });

interface Tried {
  readonly engine: Engine;
  /** Plays every server, and the proxy in between. */
  readonly origin: RawOrigin;
  /** Sends a request in plain HTTP to any host; gives what arrived (null: nothing was asked of the server) and what came back. */
  ask(
    t: Cleaner,
    url: string,
    fields?: string,
    answer?: string,
    method?: string,
  ): Promise<{ arrived: string | null; came: string }>;
}

async function lesson(t: Cleaner, name: string): Promise<Tried> {
  const origin = await rawOrigin(t);
  const mode = `upstream:http://${origin.authority}`;
  process.env.WAYLAY_PASSWORD = "secret";
  t.after(() => delete process.env.WAYLAY_PASSWORD);
  const engine = await startEngine(t, { flags: { rules: [join(folder, `${name}.yaml`)], mode: [mode] } });
  return {
    engine,
    origin,
    ask: async (t, url, fields = "", answer = OK, method = "GET") => {
      const client = await rawClient(t, engine.port());
      client.send(`${method} ${url} HTTP/1.1\r\nHost: ${new URL(url).host}\r\n${fields}\r\n`);
      const there = await Promise.race([origin.connection(), client.head().then(head => head)]).catch(error =>
        String(error),
      );
      if (typeof there === "string") return { arrived: null, came: there + (await rest(client, there)) };
      const arrived = await message(there);
      there.send(answer).end();
      return { arrived, came: await message(client).catch(() => client.text) };
    },
  };
}

const OK = "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n";

function rest(client: Peer, head: string): Promise<string> {
  return client.take(Number(/^content-length: (\d+)/im.exec(head)?.[1] ?? 0));
}

/** An answer that ends its connection, so that each request makes its own. */
function answer(content: string, ...lines: readonly string[]): string {
  return ["HTTP/1.1 200 OK", "Connection: close", ...lines, `Content-Length: ${content.length}`, "", content].join(
    "\r\n",
  );
}

const LESSONS: Readonly<Record<string, (t: Cleaner, tried: Tried) => Promise<void>>> = {
  plain: async (t, { ask }) => {
    const { arrived } = await ask(t, "http://a.test/", "X-1: a\r\naccept-encoding: gzip, br\r\nX-2: b\r\n");
    assert.match(arrived ?? "", /X-1: a\r\naccept-encoding: identity\r\nX-2: b\r\n\r\n$/);
  },
  connection: async (t, { ask }) => {
    assert.match((await ask(t, "http://a.test/connection/x")).arrived ?? "", /\r\nConnection: close\r\n/);
  },
  refresh: async (t, { ask }) => {
    assert.doesNotMatch((await ask(t, "http://a.test/", "", answer("", "Refresh: 1; url=/"))).came, /refresh/i);
  },
  cookies: async (t, { ask }) => {
    const set = ["Set-Cookie: id=1; Secure", "Set-Cookie: tracker=2"];
    const { arrived, came } = await ask(t, "http://a.test/cookies", "Cookie: a=1; _ga=2\r\n", answer("", ...set));
    assert.match(arrived ?? "", /\r\nCookie: a=1; seen-by=waylay\r\n/);
    assert.match(came, /\r\nSet-Cookie: id=1; SameSite=Lax\r\nContent-Length/);
  },
  auth: async (t, { ask }) => {
    const { arrived } = await ask(t, "http://a.test/basic-auth/x");
    assert.match(arrived ?? "", new RegExp(`Authorization: Basic ${Buffer.from("me:secret").toString("base64")}`));
    const refused = OK.replace("200 OK", "401 No").replace("Conn", "WWW-Authenticate: Basic\r\nConn");
    assert.doesNotMatch((await ask(t, "http://a.test/", "", refused)).came, /authenticate/i);
  },
  "no-cache": async (t, { ask }) => {
    const { arrived, came } = await ask(t, "http://a.test/", 'If-None-Match: "x"\r\n', answer("", 'ETag: "x"'));
    assert.match(arrived ?? "", /\r\nCache-Control: no-cache\r\nPragma: no-cache\r\n/);
    assert.doesNotMatch(arrived ?? "", /none-match/i);
    assert.match(came, /\r\nCache-Control: no-store\r\n/);
  },
  cors: async (t, { ask }) => {
    assert.match(
      (await ask(t, "http://a.test/", "Origin: https://b.com\r\n")).came,
      /Allow-Origin: https:\/\/b.com\r\n/,
    );
    const asking = "Origin: https://b.com\r\nAccess-Control-Request-Method: PUT\r\n";
    const preflight = await ask(t, "http://a.test/", asking, OK, "OPTIONS");
    assert.equal(preflight.arrived, null);
    assert.match(preflight.came, /^HTTP\/1.1 204 .*Access-Control-Allow-Methods: PUT\r\n/s);
  },
  mock: async (t, { ask }) => {
    const url = "http://a.test/mock/users/7";
    assert.match((await ask(t, url)).came, new RegExp(`{"id":"7","name":"user 7","asked":"${url}"}$`));
    const statuses: string[] = [];
    for (let i = 0; i < 3; i++) statuses.push((await ask(t, "http://a.test/mock/flaky")).came.slice(9, 12));
    assert.deepEqual(statuses, ["503", "200", "200"]);
    assert.match((await ask(t, "http://a.test/mock/old")).came, /^HTTP\/1.1 301 .*Location: \/mock\/users\/1\r\n/s);
  },
  "map-local": async (t, { ask }) => {
    assert.match((await ask(t, "http://a.test/local/a.json")).came, /^HTTP\/1.1 200 OK.*application\/json.*{/s);
    assert.match((await ask(t, "http://a.test/local/../auth.yaml")).came, /^HTTP\/1.1 404 /);
  },
  "map-remote": async (t, { ask, engine }) => {
    // Over TLS: the proxy is asked for a tunnel to where the rule leads.
    const { arrived } = await ask(t, "http://www.example.com/api/x?y");
    assert.match(arrived ?? "", /^CONNECT staging.example.com:443 /);
    await engine.flow(flow => flow.rules.includes("production to staging"));
    const mapped = await ask(t, "http://a.dev.example.com/");
    assert.match(mapped.arrived ?? "", /^CONNECT 127.0.0.1:8443 /);
  },
  slow: async (t, { ask }) => {
    const started = performance.now();
    await ask(t, "http://a.test/download/x", "", answer("x"));
    assert.ok(performance.now() - started >= 1900);
    await ask(t, "http://a.test/slow/x");
    assert.ok(performance.now() - started >= 3800);
  },
  faults: async (t, { ask }) => {
    assert.match((await ask(t, "http://a.test/fault/truncate", "", answer("x".repeat(2000)))).came, /[^x]x{1000}$/);
    await assert.rejects(ask(t, "http://a.test/fault/reset").then(({ came }) => assert.match(came, /^HTTP/)));
    const statuses = new Set<string>();
    for (let i = 0; i < 60; i++) statuses.add((await ask(t, "http://a.test/pay", "", OK, "POST")).came.slice(9, 12));
    assert.ok(statuses.has("200"));
    assert.ok(statuses.has("503"), "one in ten of 60 (a chance of 0.2 % that none is)");
  },
  inject: async (t, { ask }) => {
    const page = answer("<head></head>", "Content-Type: text/html", "Content-Security-Policy: x");
    const { came } = await ask(t, "http://a.test/page", "", page);
    assert.match(came, /<head><script>console.log\('waylay was here'\)<\/script><style>img.*<\/style><\/head>$/);
    assert.doesNotMatch(came, /security-policy/i);
  },
  redact: async (t, { ask, engine }) => {
    const { arrived } = await ask(t, "http://a.test/?token=s3cret", "Authorization: s3cret\r\n");
    assert.match(arrived ?? "", /token=s3cret.*Authorization: s3cret/s);
    const { id } = await engine.flow(flow => flow.host === "a.test");
    assert.doesNotMatch(JSON.stringify((await engine.recorded(id)).flow), /s3cret/);
  },
  script: async (t, { ask }) => {
    const { arrived, came } = await ask(t, "http://a.test/script/x");
    assert.match(arrived ?? "", /^GET http:\/\/a.test\/x HTTP.*\r\nX-Asked: 1\r\n/s);
    assert.match(came, /\r\nX-Seen-Before: 0\r\n/);
    await ask(t, "http://a.test/script/x");
    await ask(t, "http://a.test/script/x");
    assert.match((await ask(t, "http://a.test/script/x")).came, /^HTTP\/1.1 429 /);
  },
  block: async (t, { ask }) => {
    assert.match((await ask(t, "http://x.doubleclick.net/")).came, /^HTTP\/1.1 403 /);
    assert.match((await ask(t, "http://a.test/beacon")).came, /^HTTP\/1.1 204 /);
  },
  "client-certificate": async (t, { engine, origin }) => {
    const certificates = makeCertificates(t);
    const { cert, key } = certificates.server("me", { cn: "me", extendedKeyUsage: "clientAuth" });
    writeFileSync(join(folder, "me.crt"), cert);
    writeFileSync(join(folder, "me.key"), key);
    const client = await tlsClient(t, engine.port(), "mtls.example.com:443", { ca: engine.rootPem });
    client.send("GET / HTTP/1.1\r\nHost: mtls.example.com\r\n\r\n");
    // The files are read, and then there is no tunnel; network.test.ts shows the certificate.
    (await origin.connection()).end();
    assert.equal((await client.answer()).status, 502);
    const flow = await engine.flow(each => each.host === "mtls.example.com");
    assert.deepEqual([flow.rules, flow.error?.code], [["who we are"], "upstream-closed"]);
  },
};

describe("each shipped file, in an engine", () => {
  const files = readdirSync(SHIPPED)
    .filter(file => file.endsWith(".yaml"))
    .map(file => file.replace(".yaml", ""));
  for (const name of files) {
    it(name, async t => {
      const tried = LESSONS[name];
      assert.ok(tried !== undefined, `${name} is not tried here`);
      await tried(t, await lesson(t, name));
    });
  }
});
