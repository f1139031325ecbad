// The index page in a real browser: everything loads, the script runs, and the console stays silent.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { type Browser, chromium } from "playwright-core";
import { type Origin, startOrigin } from "../../src/origin/server.ts";
import { skipWithout } from "../support/tool.ts";

let origin: Origin;
let browser: Browser | undefined;
before(async () => {
  origin = await startOrigin();
});
after(async () => {
  await browser?.close();
  await origin.close();
});

test("the index page works without a word on the console", { skip: skipWithout("chromium") }, async () => {
  browser = await chromium.launch({ executablePath: "/usr/bin/chromium", args: ["--no-sandbox"] });
  const page = await browser.newPage();
  const complaints: string[] = [];
  page.on("console", message => complaints.push(`${message.type()}: ${message.text()}`));
  page.on("pageerror", error => complaints.push(String(error)));
  page.on("requestfailed", request => complaints.push(`failed: ${request.url()}`));
  page.on(
    "response",
    response => response.status() >= 400 && complaints.push(`${response.status()} ${response.url()}`),
  );

  await page.goto(`http://127.0.0.1:${origin.port}/`);
  await page.getByText("Hypertext Transfer Protocol").waitFor();
  assert.ok((await page.locator("article").count()) > 30);
  await page.locator('button[data-try="/gzip"]').click();
  await page.locator("#answer-body", { hasText: '"coding": "gzip"' }).waitFor();
  await page.keyboard.press("Escape");

  await page.goto(`http://127.0.0.1:${origin.port}/upload`);
  await page
    .locator("input[type=file]")
    .setInputFiles({ name: "a.txt", mimeType: "text/plain", buffer: Buffer.from("hi") });
  await page.getByRole("button", { name: "Send" }).click();
  await page.getByText('"filename": "a.txt"').waitFor();
  assert.deepEqual(complaints, []);
});
