// A message as text and back: what was not touched is not sent as an edit.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { answerOf, editsOf, messageText } from "../../../src/cli/intercept/text.ts";

const HEAD = "POST /a HTTP/1.1\r\nHost: a\r\nX-One: 1\r\n\r\n";
const shown = (body?: { text: string } | { base64: string }) => ({
  head: Buffer.from(HEAD, "latin1").toString("base64"),
  ...(body === undefined ? {} : { body }),
});
const headOf = (edits: { head?: string } | null) => Buffer.from(edits?.head ?? "", "base64").toString("latin1");

describe("a message as text", () => {
  it("is head, empty line, body", () => {
    assert.equal(messageText(shown({ text: "hello" })), "POST /a HTTP/1.1\nHost: a\nX-One: 1\n\nhello");
    assert.equal(messageText(shown({ base64: "AAEC" })), "POST /a HTTP/1.1\nHost: a\nX-One: 1\n\n");
  });

  it("that was not changed is no edit, though the editor ended its last line", () => {
    for (const body of ["", "hello", "a\n", "a\r\n\r\nb"]) {
      const message = shown({ text: body });
      assert.equal(editsOf(message, messageText(message)), null);
      assert.equal(editsOf(message, `${messageText(message).replace(/\n$/, "")}\n`), null, JSON.stringify(body));
    }
  });

  it("gives only the part that was changed", () => {
    const message = shown({ text: "hello" });
    assert.deepEqual(editsOf(message, messageText(message).replace("hello", "bye\n")), { body: { text: "bye" } });
    const edits = editsOf(message, messageText(message).replace("X-One: 1", "X-Two: 2"));
    assert.deepEqual(Object.keys(edits ?? {}), ["head"]);
    assert.equal(headOf(edits), "POST /a HTTP/1.1\nHost: a\nX-Two: 2\n\n");
  });

  it("a body that is no text stays as it is", () => {
    const message = shown({ base64: "AAEC" });
    assert.equal(headOf(editsOf(message, "GET /b HTTP/1.1\nHost: a\n")), "GET /b HTTP/1.1\nHost: a\n\n");
    assert.throws(() => editsOf(message, `${messageText(message)}text`), /is not text/);
  });
});

describe("an answer as text", () => {
  it("is status, fields, body", () => {
    assert.deepEqual(answerOf("HTTP/1.1 418 I'm a teapot\nX-A: b: c\n\ntea\n"), {
      status: 418,
      reason: "I'm a teapot",
      headers: [["X-A", "b: c"]],
      body: { text: "tea\n" },
    });
    assert.equal(answerOf("HTTP/1.1 204\n\n").status, 204);
  });

  it("that is none is refused", () => {
    assert.throws(() => answerOf("hello"), /no status line/);
    assert.throws(() => answerOf("HTTP/1.1 200 OK\nnothing\n\n"), /no header/);
  });
});
