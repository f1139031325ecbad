// A browser as people have it: Chromium through the program, over HTTPS, trusting our root by its NSS store.
import assert from "node:assert/strict";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { after, test } from "node:test";
import { type BrowserContext, chromium } from "playwright-core";
import { type Origin, startOrigin } from "../../src/origin/server.ts";
import { makeCertificates } from "../support/certificates.ts";
import { outputOf, skipWithout } from "../support/tool.ts";
import { type Running, startWaylay, temporaryHome } from "../support/waylay.ts";

const CHROMIUM = "/usr/bin/chromium";
const FLAGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--proxy-bypass-list=<-loopback>",
];
const skip = skipWithout("chromium", "certutil", "openssl");

let origin: Origin | undefined;
let waylay: Running;
let browser: BrowserContext | undefined;

if (skip === false) {
  const certificates = makeCertificates({ after });
  const { cert, key } = certificates.server("demo");
  origin = await startOrigin({ tls: { certPem: cert, keyPem: key } });
  const home = temporaryHome({ after });
  waylay = await startWaylay({ after }, { home }, "--upstream-ca", certificates.file("root.pem"));

  const nssdb = join(home, ".pki", "nssdb");
  mkdirSync(nssdb, { recursive: true });
  outputOf("certutil", "-d", `sql:${nssdb}`, "-N", "--empty-password");
  outputOf("certutil", "-d", `sql:${nssdb}`, "-A", "-t", "C,,", "-n", "waylay", "-i", waylay.ready.ca);
  browser = await chromium.launchPersistentContext(join(home, "profile"), {
    executablePath: CHROMIUM,
    args: [...FLAGS, `--proxy-server=${waylay.proxyUrl.replace("http://", "")}`],
    env: { ...process.env, HOME: home },
  });
}
after(async () => {
  await browser?.close();
  await origin?.close();
});

test("a page with scripts, images, fetch and upload works over HTTPS without a word on the console", {
  skip,
}, async () => {
  const page = await (browser as BrowserContext).newPage();
  const complaints: string[] = [];
  page.on("console", message => complaints.push(`${message.type()}: ${message.text()}`));
  page.on("pageerror", error => complaints.push(String(error)));
  page.on("requestfailed", request => complaints.push(`failed: ${request.url()} ${request.failure()?.errorText}`));
  page.on("response", answer => answer.status() >= 400 && complaints.push(`${answer.status()} ${answer.url()}`));

  const base = `https://localhost:${origin?.port}`;
  const answer = await page.goto(`${base}/`);
  assert.match((await answer?.securityDetails())?.issuer ?? "", /waylay/i);
  await page.getByText("Hypertext Transfer Protocol").waitFor();
  for (const lesson of ["/gzip", "/br"]) {
    await page.locator(`button[data-try^="${lesson}"]`).first().click();
    await page.locator("#answer-body", { hasText: `"coding": "${lesson.slice(1)}"` }).waitFor();
    await page.keyboard.press("Escape");
  }
  const sizes = await page.evaluate(async () => {
    const all = await Promise.all(
      Array.from(
        { length: 20 },
        async (_, i) => (await (await fetch(`/download/${i + 1}kB`)).arrayBuffer()).byteLength,
      ),
    );
    return all;
  });
  assert.deepEqual(
    sizes,
    Array.from({ length: 20 }, (_, i) => (i + 1) * 1000),
  );

  await page.goto(`${base}/upload`);
  const file = { name: "a.bin", mimeType: "application/octet-stream", buffer: Buffer.alloc(300_000, 7) };
  await page.locator("input[type=file]").setInputFiles(file);
  await page.getByRole("button", { name: "Send" }).click();
  await page.getByText('"filename": "a.bin"').waitFor();

  const echoed = await page.evaluate(
    async url => {
      const socket = new WebSocket(url);
      await new Promise(resolve => socket.addEventListener("open", resolve));
      socket.send("through waylay");
      const { data } = await new Promise<{ data: unknown }>(resolve => socket.addEventListener("message", resolve));
      socket.close();
      return data;
    },
    `${base.replace("https", "wss")}/ws`,
  );
  assert.match(String(echoed), /through waylay/);
  assert.deepEqual(complaints, []);

  await waylay.until(() => waylay.flows.some(flow => flow.path === "/upload" && flow.method === "POST"));
  const image = waylay.flows.find(flow => flow.path === "/image/svg");
  assert.equal(image?.status, 200);
  assert.equal(image?.scheme, "https");
});
