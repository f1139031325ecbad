import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { ConfigError } from "../../src/config/error.ts";
import { LIMITS, limitsWith } from "../../src/config/limits.ts";
import { NOT_YET, OPTIONS } from "../../src/config/options.ts";
import { resolveConfig, resolveHome } from "../../src/config/resolve.ts";
import type { Flags } from "../../src/config/settings.ts";
import type { Config } from "../../src/config.ts";

const folder = mkdtempSync(join(tmpdir(), "waylay-config-"));
after(() => rmSync(folder, { recursive: true }));

const file = (name: string, content: string) => {
  writeFileSync(join(folder, name), content);
  return join(folder, name);
};
const resolve = (flags: Flags = {}, env: Record<string, string> = {}) =>
  resolveConfig(flags, { env: { HOME: folder, ...env }, cwd: folder });
const refused = async (flags: Flags, env: Record<string, string> = {}) => {
  const error = await resolve(flags, env).then(
    () => assert.fail(`${JSON.stringify(flags)} was taken`),
    (error: unknown) => error,
  );
  assert.ok(error instanceof ConfigError, String(error));
  assert.ok(!error.message.includes("\n"), "one line");
  return error.message;
};

describe("the defaults", () => {
  it("are those of the contract", async () => {
    const config = await resolve();
    assert.deepEqual(config.modes, [
      { kind: "regular", text: "regular", listen: { host: "127.0.0.1", port: 8080, named: false } },
    ]);
    assert.equal(config.http2, "auto");
    assert.equal(config.bodyLimit, 16_000_000);
    assert.equal(config.home, join(folder, ".waylay"));
    assert.equal(config.control, join(folder, ".waylay/control.sock"));
    assert.equal(config.session, undefined);
    assert.equal(config.rules, undefined);
    assert.deepEqual(config.upstream, { ca: [], insecure: false, insecureHosts: [], auth: undefined });
    assert.deepEqual([config.demo, config.json, config.verbosity, config.allowPublic], [false, false, 0, false]);
    assert.deepEqual(config.limits, limitsWith());
    assert.deepEqual(config.notes, []);
  });
});

describe("each option", () => {
  const taken: [string, Flags, (config: Config) => unknown, unknown][] = [
    ["port", { port: "9090" }, c => c.modes[0]!.listen, { host: "127.0.0.1", port: 9090, named: true }],
    ["port 0", { port: "0" }, c => c.modes[0]!.listen, { host: "127.0.0.1", port: 0, named: true }],
    ["host", { host: "0.0.0.0" }, c => c.modes[0]!.listen, { host: "0.0.0.0", port: 8080, named: false }],
    ["host in brackets", { host: "[::1]" }, c => c.modes[0]!.listen, { host: "::1", port: 8080, named: false }],
    [
      "host for @PORT",
      { host: "::1", mode: ["regular@9"] },
      c => c.modes[0]!.listen,
      { host: "::1", port: 9, named: true },
    ],
    ["keep-host", { "keep-host": true }, c => c.keepHost, true],
    ["allow-public", { "allow-public": true }, c => c.allowPublic, true],
    ["http2 never", { http2: "never" }, c => c.http2, "never"],
    ["only", { only: "host:*.example" }, c => c.only, "host:*.example"],
    [
      "pass",
      { pass: ["A.example", "*.b.example", "10.0.0.1", "[::1]"] },
      c => c.pass,
      ["a.example", "*.b.example", "10.0.0.1", "[::1]"],
    ],
    ["insecure", { insecure: true }, c => c.upstream.insecure, true],
    ["insecure-host", { "insecure-host": ["*.dev"] }, c => c.upstream.insecureHosts, ["*.dev"]],
    ["lenient", { lenient: ["obs-fold=old.example"] }, c => c.lenient, [{ allow: "obs-fold", host: "old.example" }]],
    ["home", { home: "here" }, c => c.home, join(folder, "here")],
    ["session", { session: "x.waylay" }, c => c.session, join(folder, "x.waylay")],
    ["session in ~", { session: "~/x.waylay" }, c => c.session, join(folder, "x.waylay")],
    ["body-limit", { "body-limit": "1.5MB" }, c => c.bodyLimit, 1_500_000],
    ["body-limit 0", { "body-limit": "0" }, c => c.bodyLimit, 0],
    ["body-limit in KiB", { "body-limit": "2KiB" }, c => c.bodyLimit, 2048],
    ["no-ui", { "no-ui": true }, c => c.ui, undefined],
    ["demo", { demo: true }, c => c.demo, true],
    ["json", { json: true }, c => c.json, true],
    ["quiet", { quiet: true }, c => c.verbosity, -1],
    ["verbose twice", { verbose: 2 }, c => c.verbosity, 2],
    [
      "limit",
      { limit: ["head=1MB", "idle=2m", "fields=50"] },
      c => [c.limits.headBytes, c.limits.idleMs, c.limits.fieldCount],
      [1_000_000, 120_000, 50],
    ],
  ];
  for (const [name, flags, read, expected] of taken) {
    it(name, async () => assert.deepEqual(read(await resolve(flags)), expected));
  }

  it("upstream-ca reads the file", async () => {
    const pem = "-----BEGIN CERTIFICATE-----\nAA==\n-----END CERTIFICATE-----\n";
    const path = file("root.pem", pem);
    assert.deepEqual((await resolve({ "upstream-ca": ["root.pem"] })).upstream.ca, [{ file: path, pem }]);
  });
  it("upstream-auth-file wins over the environment; neither is an argument", async () => {
    file("auth", "ada:love:lace\nmore\n");
    const env = { WAYLAY_UPSTREAM_AUTH: "env:secret" };
    assert.equal((await resolve({ "upstream-auth-file": "auth" }, env)).upstream.auth, "ada:love:lace");
    assert.equal((await resolve({}, env)).upstream.auth, "env:secret");
  });
  it("passphrase-file and WAYLAY_CA_PASSPHRASE", async () => {
    file("pass", "open sesame\n");
    assert.equal((await resolve({ "passphrase-file": "pass" })).caPassphrase, "open sesame");
    assert.equal((await resolve({}, { WAYLAY_CA_PASSPHRASE: "env" })).caPassphrase, "env");
  });
  it("WAYLAY_HOME, and --home before it", async () => {
    const around = { env: { WAYLAY_HOME: "/w" }, cwd: "/" };
    assert.equal(resolveHome({}, around), "/w");
    assert.equal(resolveHome({ home: "x" }, around), "/x");
  });
  it("a proxy in the environment is a note for -v, --insecure one for everybody", async () => {
    const { notes } = await resolve({ insecure: true }, { HTTPS_PROXY: "http://x" });
    assert.deepEqual(
      notes.map(note => note.verbose),
      [true, false],
    );
    assert.match(notes[0]!.text, /^HTTPS_PROXY in the environment is ignored/);
  });
});

describe("what cannot be used is refused in one line", () => {
  const bad: [Flags, string][] = [
    [{ port: "70000" }, '--port: "70000" is no port (0 to 65535)'],
    [{ port: "eighty" }, '--port: "eighty" is no port (0 to 65535)'],
    [{ port: "" }, "--port: wants a value"],
    [{ host: "example.com" }, '--host: "example.com" is no address of this machine, as in 127.0.0.1, 0.0.0.0 or ::1'],
    [{ host: "300.1.1.1" }, '--host: "300.1.1.1" is no address of this machine, as in 127.0.0.1, 0.0.0.0 or ::1'],
    [{ http2: "maybe" }, '--http2: "maybe" is none of auto, always, never'],
    [
      { pass: ["https://x.example"] },
      '--pass: "https://x.example" is no host; write for example *.example.com, without scheme or port',
    ],
    [
      { pass: ["x.example:443"] },
      '--pass: "x.example:443" is no host; write for example *.example.com, without scheme or port',
    ],
    [{ "body-limit": "lots" }, '--body-limit: "lots" is no size; write for example 16MB'],
    [{ "body-limit": "-1" }, '--body-limit: "-1" is no size; write for example 16MB'],
    [{ lenient: ["everything=x"] }, '--lenient: "everything=x": write obs-fold=HOST'],
    [{ limit: ["head=big"] }, '--limit: "big" is no size; write for example 512KB'],
    [{ limit: ["idle=60"] }, '--limit: "60" is no duration; write for example 30s'],
    [{ limit: ["idle"] }, "--limit: write idle=VALUE, as in idle=30s"],
    [
      { demo: true, mode: ["reverse:http://x"] },
      "--demo: wants a listener in regular mode to send its requests through",
    ],
    [{ home: "" }, "--home: wants a folder"],
    [{ "upstream-ca": ["none.pem"] }, `--upstream-ca: ${join(folder, "none.pem")} cannot be read (ENOENT)`],
  ];
  for (const [flags, message] of bad) {
    it(message, async () => assert.equal(await refused(flags), message));
  }

  it("an unknown limit lists those there are", async () => {
    assert.match(
      await refused({ limit: ["haed=1MB"] }),
      /^--limit: no limit is called "haed"; there are head, fields, /,
    );
  });
  it("a CA file without a certificate", async () => {
    file("empty.pem", "nothing");
    assert.equal(
      await refused({ "upstream-ca": ["empty.pem"] }),
      "--upstream-ca: empty.pem has no certificate in it (PEM is wanted)",
    );
  });
  it("credentials without a colon", async () => {
    file("bare", "ada\n");
    assert.equal(await refused({ "upstream-auth-file": "bare" }), "--upstream-auth-file: wants one line USER:PASSWORD");
    assert.equal(
      await refused({}, { WAYLAY_UPSTREAM_AUTH: "ada" }),
      "WAYLAY_UPSTREAM_AUTH: wants one line USER:PASSWORD",
    );
  });
});

describe("what is not in this version yet", () => {
  const values: Record<string, string | boolean | string[]> = {
    mode: ["socks5", "transparent"],
    http2: "auto",
    capture: true,
    rules: ["x"],
    iface: ["lo"],
  };
  for (const { name, value, what } of NOT_YET) {
    it(`--${name} says so instead of being ignored (${what})`, async () => {
      const asked = values[name] ?? "x";
      const text = Array.isArray(asked) ? asked.filter(one => !value || value.test(one)) : asked;
      assert.equal(await refused({ [name]: text }), `--${name}: ${what} is not in this version yet`);
    });
  }
});

describe("config.yaml", () => {
  const withFile = async (yaml: string, flags: Flags = {}) => {
    const home = mkdtempSync(join(folder, "home-"));
    writeFileSync(join(home, "config.yaml"), yaml);
    try {
      return await resolve({ home, ...flags });
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      return error.message.replace(home, "HOME");
    }
  };
  const config = async (yaml: string, flags?: Flags) => {
    const result = await withFile(yaml, flags);
    assert.ok(typeof result === "object", String(result));
    return result;
  };

  it("takes options by their long names, and the command line wins", async () => {
    const yaml = "port: 9090\nbody-limit: 1kB\npass:\n  - a.example\n  - b.example\ninsecure: true\nkeep-host: false\n";
    const fromFile = await config(yaml);
    assert.deepEqual(fromFile.modes[0]!.listen, { host: "127.0.0.1", port: 9090, named: true });
    assert.equal(fromFile.bodyLimit, 1000);
    assert.deepEqual(fromFile.pass, ["a.example", "b.example"]);
    assert.deepEqual([fromFile.upstream.insecure, fromFile.keepHost], [true, false]);
    const both = await config(yaml, { port: "1", pass: ["c.example"] });
    assert.deepEqual(both.modes[0]!.listen, { host: "127.0.0.1", port: 1, named: true });
    assert.deepEqual(both.pass, ["c.example"]);
  });
  it("takes limits as a map", async () => {
    assert.equal((await config("limit: {head: 1MB, idle: 5s}\n")).limits.idleMs, 5000);
  });
  it("resolves paths from its own folder", async () => {
    const { home, session } = await config("session: mine.waylay\n");
    assert.equal(session, join(home, "mine.waylay"));
  });
  it("may be empty", async () => assert.equal((await config("# nothing yet\n")).http2, "auto"));

  const bad: [string, string][] = [
    ["port: 9090\nprot: 1\n", 'HOME/config.yaml:2: no option is called "prot"; did you mean "port"?'],
    ["\n\nport: x\n", 'HOME/config.yaml:3: "x" is no port (0 to 65535)'],
    ["insecure: yes please\n", "HOME/config.yaml:1: insecure is true or false"],
    ["port: [1, 2]\n", "HOME/config.yaml:1: wants a plain value here"],
    ["pass:\n- a.example\n- {}\n", "HOME/config.yaml:3: wants a plain value here"],
    ["home: /x\n", 'HOME/config.yaml:1: "home" belongs on the command line, not in this file'],
    ["- port\n", "HOME/config.yaml:1: wants lines of the form OPTION: VALUE"],
    ["capture: true\n", "HOME/config.yaml:1: packet capture is not in this version yet"],
    ["limit:\n  idle: 5\n", 'HOME/config.yaml:2: "5" is no duration; write for example 30s'],
  ];
  for (const [yaml, message] of bad) {
    it(message, async () => assert.equal(await withFile(yaml), message));
  }
  it("a syntax error has its line", async () => {
    assert.match(String(await withFile("port: 1\npass: [a\n")), /^HOME\/config\.yaml:[23]: is no YAML: /);
  });
});

describe("the tables", () => {
  it("no option, short name or limit twice", () => {
    const unique = (names: (string | undefined)[]) => {
      const given = names.filter(name => name !== undefined);
      assert.equal(new Set(given).size, given.length);
    };
    unique(OPTIONS.map(option => option.name));
    unique(OPTIONS.map(option => option.short));
    unique(Object.values(LIMITS).map(limit => limit.name));
  });
  it("every limit says why", () => {
    for (const limit of Object.values(LIMITS)) assert.ok(limit.why.length > 20, limit.name);
  });
  it("what is not yet names options that there are", () => {
    for (const { name } of NOT_YET)
      assert.ok(
        OPTIONS.some(option => option.name === name),
        name,
      );
  });
});
