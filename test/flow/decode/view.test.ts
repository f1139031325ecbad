import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { isJson, prettyJson } from "../../../src/flow/decode/json.ts";
import { prettyMarkup } from "../../../src/flow/decode/markup.ts";
import { prettyCss, prettyScript } from "../../../src/flow/decode/script.ts";
import { VIEWERS, view } from "../../../src/flow/decode/view.ts";

interface Case {
  readonly type: string | null;
  readonly content: string | Buffer;
  readonly kind: string;
  readonly text: string;
  readonly note?: string;
}

const hex = (digits: string): Buffer => Buffer.from(digits.replaceAll(" ", ""), "hex");
const PNG = hex("89504e47 0d0a1a0a 0000000d 49484452 00000280 000001e0 08060000 00");
const GIF = Buffer.from("GIF89a\x20\x00\x10\x00\0\0\0", "latin1");
const JPEG = hex("ffd8 ffe0 0010 4a46494600 0101 00 0048 0048 0000 ffc0 0011 08 0064 00c8 03 01220002");
const WEBP = Buffer.concat([Buffer.from("RIFF\x1a\0\0\0WEBPVP8X\x0a\0\0\0\0\0\0\0"), hex("7f0200 df0100")]);

const cases: readonly Case[] = [
  {
    type: "application/json",
    content: '{"n":12345678901234567890,"a":[1,2.50,true],"e":{},"l":[],"s":"a\\"{,","n":null}',
    kind: "json",
    text: `{
  "n": 12345678901234567890,
  "a": [
    1,
    2.50,
    true
  ],
  "e": {},
  "l": [],
  "s": "a\\"{,",
  "n": null
}`,
  },
  { type: "application/problem+json; charset=utf-8", content: "[1]", kind: "json", text: "[\n  1\n]" },
  { type: null, content: ' {"a":1}', kind: "json", text: '{\n  "a": 1\n}' },
  { type: "text/plain", content: "{not json}", kind: "text", text: "{not json}" },
  { type: "application/json", content: '{"cut":"sho', kind: "json", text: '{\n  "cut": "sho' },
  { type: "application/x-ndjson", content: '{"a":1}\n\n[2]\n', kind: "ndjson", text: '{\n  "a": 1\n}\n[\n  2\n]' },
  {
    type: "application/x-www-form-urlencoded",
    content: "a=1&long+name=x%20y%26&flag&bad=%zz",
    kind: "form",
    text: "a         = 1\nlong name = x y&\nflag      = \nbad       = %zz",
  },
  {
    type: 'multipart/form-data; boundary="--x"',
    content:
      'pre\r\n----x\r\nContent-Disposition: form-data; name="a"\r\n\r\none\r\n' +
      '----x\r\nContent-Disposition: form-data; name="f"; filename="ü.json"\r\nContent-Type: application/json\r\n\r\n{"b":2}\r\n' +
      "----x--\r\nepilogue",
    kind: "multipart",
    note: "2 parts",
    text:
      '── part 1, 3 bytes\nContent-Disposition: form-data; name="a"\n\none\n\n' +
      '── part 2, 7 bytes\nContent-Disposition: form-data; name="f"; filename="ü.json"\nContent-Type: application/json\n\n{\n  "b": 2\n}',
  },
  { type: "multipart/form-data", content: "no boundary", kind: "text", text: "no boundary" },
  {
    type: "text/html; charset=utf-8",
    content:
      '<!doctype html><html><head><title>A > b</title><meta charset=utf-8></head><body><p class="a>b">Hi <b>you</b></p><pre>\n  kept\n</pre></body></html>',
    kind: "html",
    text: `<!doctype html>
<html>
  <head>
    <title>A > b</title>
    <meta charset=utf-8>
  </head>
  <body>
    <p class="a>b">Hi
      <b>you</b>
    </p>
    <pre>
  kept
</pre>
  </body>
</html>`,
  },
  {
    type: "application/atom+xml",
    content: '<?xml version="1.0"?><feed><!-- <x> --><entry id="1"/><t><![CDATA[<raw>]]></t></feed>',
    kind: "xml",
    text: '<?xml version="1.0"?>\n<feed>\n  <!-- <x> -->\n  <entry id="1"/>\n  <t>\n    <![CDATA[<raw>]]>\n  </t>\n</feed>',
  },
  { type: "text/css", content: "a {\n  b: c;\n}", kind: "css", text: "a {\n  b: c;\n}" },
  { type: "text/javascript", content: "const a = 1;\n", kind: "script", text: "const a = 1;\n" },
  {
    type: "text/plain; charset=iso-8859-1",
    content: Buffer.from([0xe4]),
    kind: "text",
    text: "ä",
    note: "windows-1252",
  },
  { type: "image/png", content: PNG, kind: "image", text: "PNG, 640 × 480, 29 bytes" },
  { type: "application/octet-stream", content: GIF, kind: "image", text: "GIF, 32 × 16, 13 bytes" },
  { type: "image/jpeg", content: JPEG, kind: "image", text: `JPEG, 200 × 100, ${JPEG.length} bytes` },
  { type: "image/webp", content: WEBP, kind: "image", text: "WebP, 640 × 480, 30 bytes" },
  {
    type: "image/png",
    content: "no picture",
    kind: "hex",
    text: "00000000: 6e6f 2070 6963 7475 7265                 no picture",
  },
  {
    type: "application/octet-stream",
    content: Buffer.from([0, 1, 0xff, 0x41]),
    kind: "hex",
    text: "00000000: 0001 ff41                                ...A",
  },
  { type: "application/json", content: "", kind: "empty", text: "" },
];

for (const { type, content, kind, text, note } of cases) {
  test(`${kind}: ${type} ${JSON.stringify(content.toString("latin1").slice(0, 30))}`, () => {
    const viewed = view(Buffer.from(content as string), type);
    assert.deepEqual(viewed, note === undefined ? { kind, text } : { kind, text, note });
  });
}

test("every viewer that the table names is tried above", () => {
  assert.deepEqual(
    VIEWERS.map(viewer => viewer.kind).filter(kind => !cases.some(each => each.kind === kind)),
    [],
  );
});

test("what is beyond the limit is left out, and said", () => {
  assert.deepEqual(view(Buffer.from("abcdef"), "text/plain", 4), {
    kind: "text",
    text: "abcd",
    note: "the first 4 of 6 bytes",
  });
  assert.match(view(Buffer.alloc(100), null, 16).text, /… 84 more bytes$/);
});

test("pretty JSON is the same JSON", () => {
  fc.assert(fc.property(fc.json(), json => assert.deepEqual(JSON.parse(prettyJson(json)), JSON.parse(json))));
});

test("pretty JSON of any text changes white space only", () => {
  const bare = (text: string): string => text.replace(/[ \t\r\n]+/g, "");
  fc.assert(fc.property(fc.string({ maxLength: 200 }), text => assert.equal(bare(prettyJson(text)), bare(text))));
});

test("deep nesting costs no more than its length", () => {
  const deep = "[".repeat(100_000);
  assert.ok(prettyJson(deep).length < 14_000_000);
  assert.equal(isJson(Buffer.from("[".repeat(2_000_000))), true);
  assert.ok(prettyMarkup("<a>".repeat(100_000), "html").length < 14_000_000);
});

test("minified CSS and JavaScript get lines; strings, comments and expressions stay whole", () => {
  const css = "a{color:red;background:url(data:image/png;base64,AA==)}@media x{b{c:d}}/* ; */".repeat(3);
  assert.match(
    prettyCss(css),
    /^a\{\n {2}color:red;\n {2}background:url\(data:image\/png;base64,AA==\)\n\}\n@media x\{\n {2}b\{\n {4}c:d\n/,
  );
  const script = `${'function f(a){for(let i=0;i<9;i++){g("};",/[/;}]/,`${a};`)}return a/2/b}var o={k:1};'.repeat(6)}// ;\n`;
  assert.match(
    prettyScript(script),
    /^function f\(a\)\{\n {2}for\(let i=0;i<9;i\+\+\)\{\n {4}g\("\};",\/\[\/;\}\]\/,`\$\{a\};`\)\n {2}\}\n {2}return a\/2\/b\n\}\n/,
  );
});

test("markup, CSS and JavaScript of any text change white space only, in time", () => {
  const bare = (text: string): string => text.replace(/\s+/g, "");
  const text = fc.string({ unit: fc.constantFrom(..."<>/a=\"'`{};()$\\ *-![]\n"), maxLength: 400 });
  fc.assert(
    fc.property(text, each => {
      assert.equal(bare(prettyMarkup(each, "html")), bare(each));
      assert.equal(bare(prettyCss(each)), bare(each));
      assert.equal(bare(prettyScript(each)), bare(each));
    }),
  );
  const begun = performance.now();
  for (const hostile of ["=/[", '<a b="', "<!--", "${`", "/*", "<script>", "'"]) {
    const long = hostile.repeat(200_000 / hostile.length);
    prettyMarkup(long, "html");
    prettyCss(long);
    prettyScript(long);
    prettyJson(long);
  }
  assert.ok(performance.now() - begun < 10_000);
});

test("any bytes of any type are shown", () => {
  const types = fc.constantFrom(
    "",
    "image/png",
    "image/jpeg",
    "image/webp",
    "text/html",
    "multipart/x; boundary=a",
    "text/css",
  );
  fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), types, (bytes, type) => assert.ok(view(bytes, type).kind)));
});
