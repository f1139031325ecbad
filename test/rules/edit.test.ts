import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { editBody } from "../../src/rules/edit/body.ts";
import { decodeText } from "../../src/rules/edit/content-type.ts";
import { editSetCookie } from "../../src/rules/edit/cookies.ts";
import { editHead, type HeadOp } from "../../src/rules/edit/head.ts";
import { insertHtml } from "../../src/rules/edit/html.ts";
import { applyPatch, type Json, mergePatch, parseJsonPath, removeAt, setAt } from "../../src/rules/edit/json-path.ts";
import { editMultipart } from "../../src/rules/edit/multipart.ts";
import { editPairs, editQuery } from "../../src/rules/edit/pairs.ts";
import { settleHead } from "../../src/rules/edit/settle.ts";
import { headBytes, requestHead, responseHead } from "./support.ts";

describe("heads", () => {
  const lines = [
    "host: a.com",
    "X-Odd:   spaced  ",
    "x-odd: 2",
    "Cookie: a=1",
    "X-Latin: \xe4\xff",
    "COOKIE: b=2",
    "Empty:",
  ];
  const name = fc.constantFrom("x-new", "X-Other");
  const op: fc.Arbitrary<HeadOp> = fc.oneof(
    fc.record({ kind: fc.constantFrom("set", "add", "append"), name, value: fc.stringMatching(/^[a-z]{1,5}$/) }),
    fc.record({ kind: fc.constant("remove"), name }),
    fc.record({ kind: fc.constant("rename"), from: name, to: name }),
  );

  it("lines that no edit names are the same bytes in the same order", () => {
    fc.assert(
      fc.property(fc.array(op, { maxLength: 6 }), ops => {
        const head = requestHead(headBytes("GET /%C3?a HTTP/1.1", ...lines));
        const edited = editHead(head, ops);
        requestHead(edited);
        const kept = edited
          .toString("latin1")
          .split("\r\n")
          .filter(line => !/^x-(new|other):/i.test(line));
        assert.deepEqual(kept, ["GET /%C3?a HTTP/1.1", ...lines, "", ""]);
      }),
    );
  });

  it("no edit is the same bytes", () => {
    const bytes = headBytes("HTTP/1.1 200 ", ...lines);
    assert.deepEqual(editHead(responseHead(bytes), []), bytes);
  });

  it("what a rule file says beyond latin1 goes out as UTF-8", () => {
    const head = requestHead(headBytes("GET / HTTP/1.1", "Host: a"));
    assert.ok(editHead(head, [{ kind: "set", name: "X", value: "→ü" }]).includes(Buffer.from("X: →ü\r\n", "utf8")));
  });

  it("edited content: one length, no trailers, no old validators", () => {
    const head = responseHead(
      headBytes(
        "HTTP/1.1 200 OK",
        "Transfer-Encoding: chunked",
        "Trailer: X",
        'ETag: "a"',
        "Content-Encoding: gzip",
        "A: b",
      ),
    );
    const edited = editHead(head, settleHead(head, { length: 5, contentType: "text/plain", coding: "" }));
    assert.equal(
      edited.toString(),
      headBytes("HTTP/1.1 200 OK", "A: b", "Content-Length: 5", "Content-Type: text/plain").toString(),
    );
  });

  it("Set-Cookie keeps the attributes that were not named", () => {
    const value = "a=b; path=/;Secure; HttpOnly; SameSite=None; Odd";
    assert.equal(
      editSetCookie(value, undefined, { Secure: false, SameSite: "Lax", "Max-Age": "5" }, false),
      "a=b; path=/; HttpOnly; SameSite=Lax; Odd; Max-Age=5",
    );
    assert.equal(editSetCookie(value, "c", {}, true), "a=c");
  });
});

describe("JSON", () => {
  const path = (text: string) => parseJsonPath(text)!;
  it("paths", () => {
    const root: Json = { a: [{ b: 1 }, { b: 2 }], "odd key": { c: null } };
    assert.deepEqual(setAt(root, path("a[*].b"), 0), { a: [{ b: 0 }, { b: 0 }], "odd key": { c: null } });
    assert.deepEqual(setAt(root, path('["odd key"].c.d'), 1), root);
    assert.deepEqual(setAt(root, path("x.y"), 1), { ...root, x: { y: 1 } });
    assert.deepEqual(setAt(root, path("a[2]"), 3), { ...root, a: [{ b: 1 }, { b: 2 }, 3] });
    assert.deepEqual(removeAt(root, path("a[-1]")), { ...root, a: [{ b: 1 }] });
    assert.deepEqual(removeAt(root, path("nope.x")), root);
    assert.deepEqual(setAt(root, path("$"), 1), 1);
    for (const bad of ["", "a[", "a..b", "a]b", "a[x]"]) assert.equal(parseJsonPath(bad), null, bad);
  });

  it("__proto__ is a key like any other", () => {
    const parsed = JSON.parse('{"__proto__":{"x":1}}') as Json;
    assert.equal(JSON.stringify(setAt(parsed, path("a"), 1)), '{"__proto__":{"x":1},"a":1}');
    assert.equal(JSON.stringify(mergePatch({}, parsed)), '{"__proto__":{"x":1}}');
    assert.equal(({} as { x?: number }).x, undefined);
  });

  it("RFC 7396 and RFC 6902", () => {
    assert.deepEqual(mergePatch({ a: "b", c: { d: "e", f: "g" } }, { a: "z", c: { f: null } }), {
      a: "z",
      c: { d: "e" },
    });
    assert.deepEqual(mergePatch(["a"], { a: { bb: { ccc: null } } }), { a: { bb: {} } });
    const doc: Json = { foo: ["bar", "baz"], "a/b": 1 };
    assert.deepEqual(applyPatch(doc, [{ op: "add", path: "/foo/1", value: "qux" }]), {
      foo: ["bar", "qux", "baz"],
      "a/b": 1,
    });
    assert.deepEqual(applyPatch(doc, [{ op: "move", from: "/a~1b", path: "/c" }]), { foo: ["bar", "baz"], c: 1 });
    assert.equal(applyPatch(doc, [{ op: "test", path: "/foo/0", value: "no" }]), undefined);
    assert.equal(applyPatch(doc, [{ op: "remove", path: "/none" }]), undefined);
  });
});

describe("queries and forms", () => {
  it("keep the bytes of what is not named", () => {
    assert.equal(editQuery("/a?x=%2f&&y&x=2", [{ kind: "set", name: "y", value: "1" }]), "/a?x=%2f&&y=1&x=2");
    assert.equal(editQuery("/a?x=1", [{ kind: "remove", name: "x" }]), "/a");
    assert.equal(editQuery("/a?", [{ kind: "remove", name: "x" }]), "/a?");
    assert.equal(editPairs("a%20b=1", [{ kind: "rename", from: "a b", to: "c" }]), "c=1");
  });
});

describe("multipart", () => {
  const body = Buffer.from(
    'pre\r\n--B\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n--B\r\nContent-Disposition: form-data; name="f"; filename="x"\r\n\r\n\0\r\n-\r\n--B--\r\n',
  );
  it("rewrites the parts that are named", () => {
    assert.equal(editMultipart(body, "B", [])!.toString(), body.toString());
    assert.ok(editMultipart(body, "B", [{ kind: "set", name: "a", value: "2" }])!.includes('name="a"\r\n\r\n2\r\n--B'));
    assert.ok(!editMultipart(body, "B", [{ kind: "remove", name: "f" }])!.includes("filename"));
    assert.ok(
      editMultipart(body, "B", [{ kind: "set", name: "n", value: "3" }])!.includes('name="n"\r\n\r\n3\r\n--B--'),
    );
    assert.equal(editMultipart(Buffer.from("nothing"), "B", []), null);
    assert.equal(editMultipart(Buffer.from("--B\r\nbroken"), "B", []), null);
  });
});

describe("pages", () => {
  it("tags inside comments, scripts and titles are none", () => {
    const page =
      "<!doctype html><!-- <head> --><html><head><title><body></title><script>'</head>'</script></head><body class=x>hi</body></html>";
    assert.equal(insertHtml(page, "#", "head-start"), page.replace("<html><head>", "<html><head>#"));
    assert.equal(insertHtml(page, "#", "head-end"), page.replace("</script></head>", "</script>#</head>"));
    assert.equal(insertHtml(page, "#", "body-start"), page.replace("class=x>", "class=x>#"));
    assert.equal(insertHtml(page, "#", "body-end"), page.replace("</body></html>", "#</body></html>"));
    assert.equal(insertHtml("<p>", "#", "head-start"), "#<p>");
    assert.equal(insertHtml("<!doctype html><p>", "#", "head-end"), "<!doctype html>#<p>");
    assert.equal(insertHtml("<p>", "#", "body-end"), "<p>#");
  });
});

describe("bodies", () => {
  const swap = [{ kind: "replace", find: { kind: "text", text: "a" }, with: "ä" }] as const;
  it("texts go back in the charset they came in; what does not decode stays", () => {
    const edited = (bytes: Buffer, type: string) => editBody(bytes, type, swap);
    assert.deepEqual(edited(Buffer.from("a"), "text/plain; charset=iso-8859-1").bytes, Buffer.from([0xe4]));
    assert.deepEqual(edited(Buffer.from("a"), "text/plain; charset=windows-1252").bytes, Buffer.from([0xe4]));
    assert.deepEqual(edited(Buffer.from("a"), "text/plain").bytes, Buffer.from("ä"));
    const broken = Buffer.from([0x61, 0xff]);
    const result = edited(broken, "text/plain; charset=utf-8");
    assert.equal(result.bytes, broken);
    assert.equal(result.notes.length, 1);
    assert.equal(decodeText(broken, "shift_jis"), null);
  });

  it("any bytes, any type: bytes and notes, never an error", () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 60 }),
        fc.constantFrom(
          undefined,
          "text/html",
          "application/json",
          "multipart/form-data; boundary=B",
          "application/x-www-form-urlencoded",
          "image/png",
          "text/plain; charset=nope",
        ),
        (bytes, type) => {
          const before = Buffer.from(bytes);
          const copy = Buffer.from(before);
          editBody(before, type, [
            ...swap,
            { kind: "json", edit: { kind: "set", path: parseJsonPath("a[0].b")!, value: 1 } },
            { kind: "form", ops: [{ kind: "set", name: "a", value: "b" }] },
            { kind: "multipart", ops: [{ kind: "remove", name: "a" }] },
            { kind: "insert", what: "script", text: "1", spot: "head-end" },
          ]);
          assert.deepEqual(before, copy, "the bytes handed in were modified");
        },
      ),
    );
  });
});
