import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { limitsWith } from "../../../src/config/limits.ts";
import {
  F_ACCEPT_ENCODING,
  F_CONTENT_LENGTH,
  F_COOKIE,
  F_HOST,
  F_SET_COOKIE,
  type Fields,
  idOfName,
  nameOfId,
  recognise,
} from "../../../src/wire/http1/fields.ts";
import { parseRequestHead } from "../../../src/wire/http1/head-parser.ts";

const text = "GET / HTTP/1.1\r\nHost: a\r\nX-One:  1 \r\ncookie: b=c\r\nX-one: 2\r\nCOOKIE: d=e\r\n\r\n";
const bytes = Buffer.from(`before${text}`);
const head = parseRequestHead(bytes, 6, bytes.length, limitsWith());
const { fields } = head;

describe("Fields", () => {
  it("gives names and values as written", () => {
    assert.deepEqual(fields.pairs(), [
      ["Host", "a"],
      ["X-One", "1"],
      ["cookie", "b=c"],
      ["X-one", "2"],
      ["COOKIE", "d=e"],
    ]);
  });

  it("finds by name in any case, known or not", () => {
    assert.equal(fields.get("x-ONE"), "1");
    assert.deepEqual(fields.getAll("X-One"), ["1", "2"]);
    assert.deepEqual(fields.getAll("Cookie"), ["b=c", "d=e"]);
    assert.equal(fields.get("accept"), undefined);
    assert.ok(fields.has("HOST") && !fields.has("hos") && !fields.has("content-length"));
    assert.ok(fields.is(2, "Cookie") && fields.is(1, "x-one") && !fields.is(1, "cookie"));
  });

  it("finds by id, from an index on", () => {
    assert.equal(fields.indexOfId(F_HOST), 0);
    assert.equal(fields.indexOfId(F_COOKIE), 2);
    assert.equal(fields.indexOfId(F_COOKIE, 3), 4);
    assert.equal(fields.indexOfId(F_COOKIE, 5), -1);
    assert.equal(fields.indexOfId(F_CONTENT_LENGTH), -1);
    assert.equal(fields.seen, (1 << F_HOST) | (1 << F_COOKIE));
  });

  it("knows where everything stands: its lines, joined, are the section", () => {
    const lines = Array.from({ length: fields.count }, (_, i) => slice(fields, fields.lineStart(i), fields.lineEnd(i)));
    assert.equal(lines.join(""), text.slice(16, -2));
    assert.equal(slice(fields, fields.valueStart(1), fields.valueEnd(1)), "1");
    assert.equal(slice(fields, fields.nameStart(1), fields.nameEnd(1)), "X-One");
    assert.equal(fields.end, bytes.length - 2);
    assert.equal(head.lineEnd, 6 + 16);
  });
});

describe("well-known names", () => {
  it("are recognised in any case, and nothing else is", () => {
    for (let id = 1; nameOfId(id) !== undefined; id++) {
      const name = nameOfId(id);
      for (const written of [name, name.toUpperCase()]) {
        assert.equal(recognise(Buffer.from(written), 0, written.length), id, name);
      }
      assert.equal(idOfName(name), id);
      for (const other of [`${name}x`, name.slice(1), `${name.slice(0, -1)}!`, name.replaceAll("-", "_")]) {
        assert.equal(recognise(Buffer.from(other), 0, other.length), idOfName(other), other);
      }
    }
    assert.equal(idOfName(""), 0);
    assert.equal(nameOfId(F_SET_COOKIE), "set-cookie");
    assert.equal(nameOfId(F_ACCEPT_ENCODING), "accept-encoding");
  });
});

function slice(from: Fields, start: number, end: number): string {
  return from.buf.toString("latin1", start, end);
}
