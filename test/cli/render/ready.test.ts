import assert from "node:assert/strict";
import { it } from "node:test";
import { paint } from "../../../src/cli/render/paint.ts";
import { readyBlock } from "../../../src/cli/render/ready.ts";
import type { ListeningAt, ReadyInfo } from "../../../src/gateway.ts";

const PLAIN = { paint: paint(false), homeDir: "/home/ada", demoUrl: undefined };
const ready = (...proxy: ListeningAt[]): ReadyInfo => ({
  pid: 1,
  proxy,
  ui: null,
  control: null,
  ca: "/home/ada/.waylay/ca/root.crt",
  session: "/home/ada/.waylay/sessions/x.waylay",
});

it("says where everything is and gives a line to paste", () => {
  assert.equal(
    readyBlock(ready({ mode: "regular", host: "127.0.0.1", port: 8080 }), PLAIN),
    `waylay is listening  Ctrl-C ends it

  proxy    http://127.0.0.1:8080  regular
  root     ~/.waylay/ca/root.crt  made for this machine; trust it only here
  session  ~/.waylay/sessions/x.waylay

  try      curl -x http://127.0.0.1:8080 --cacert ~/.waylay/ca/root.crt https://example.com/
  browser  set its HTTP proxy to 127.0.0.1:8080, then open http://waylay.test/
  then     waylay flows show 1

`,
  );
});

it("the line to paste fits the listener", () => {
  const tryLine = (at: ListeningAt) => /try +(.*)/.exec(readyBlock(ready(at), PLAIN))?.[1];
  assert.match(tryLine({ mode: "regular", host: "0.0.0.0", port: 1 })!, /^curl -x http:\/\/127\.0\.0\.1:1 /);
  assert.match(tryLine({ mode: "regular", host: "::1", port: 1 })!, /^curl -x http:\/\/\[::1\]:1 /);
  assert.equal(tryLine({ mode: "reverse:http://x", host: "127.0.0.1", port: 1 }), "curl http://127.0.0.1:1/");
  assert.equal(tryLine({ mode: "reverse:http://x@unix:/s", unix: "/s" }), "curl --unix-socket /s http://localhost/");
  const demo = readyBlock(ready({ mode: "regular", host: "127.0.0.1", port: 1 }), {
    ...PLAIN,
    demoUrl: "https://localhost:2",
  });
  assert.match(demo, /\n {2}demo +https:\/\/localhost:2\/ /);
  assert.match(demo, /root\.crt https:\/\/localhost:2\/\n/);
});
