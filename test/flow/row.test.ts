import assert from "node:assert/strict";
import { test } from "node:test";
import { authorityOf, urlOf } from "../../src/flow/row.ts";

const cases = [
  {
    scheme: "https",
    host: "a.test",
    port: 443,
    method: "GET",
    path: "/x?y",
    authority: "a.test",
    url: "https://a.test/x?y",
  },
  {
    scheme: "http",
    host: "a.test",
    port: 8080,
    method: "GET",
    path: "/",
    authority: "a.test:8080",
    url: "http://a.test:8080/",
  },
  { scheme: "http", host: "::1", port: 80, method: "GET", path: "/", authority: "[::1]", url: "http://[::1]/" },
  { scheme: "http", host: "::1", port: 81, method: "GET", path: "/", authority: "[::1]:81", url: "http://[::1]:81/" },
  {
    scheme: "http",
    host: "a.test",
    port: 80,
    method: "OPTIONS",
    path: "*",
    authority: "a.test",
    url: "http://a.test/*",
  },
  {
    scheme: "https",
    host: "a.test",
    port: 443,
    method: "CONNECT",
    path: "",
    authority: "a.test:443",
    url: "a.test:443",
  },
  { scheme: "", host: "a.test", port: 22, method: "CONNECT", path: "", authority: "a.test:22", url: "a.test:22" },
  { scheme: "wss", host: "a.test", port: 443, method: "GET", path: "/", authority: "a.test", url: "wss://a.test/" },
  { scheme: "http", host: "", port: 0, method: "GET", path: "/", authority: "", url: "/" },
];

for (const { authority, url, ...row } of cases) {
  test(`${row.method} ${url}`, () => {
    assert.equal(authorityOf(row), authority);
    assert.equal(urlOf(row), url);
  });
}
