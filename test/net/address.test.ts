import assert from "node:assert/strict";
import { networkInterfaces } from "node:os";
import { describe, it } from "node:test";
import { isOwnAddress, PrivateAddresses } from "../../src/net/address.ts";

describe("private addresses", () => {
  const addresses = new PrivateAddresses();
  for (const address of [
    "",
    "127.0.0.1",
    "127.255.0.1",
    "10.1.2.3",
    "172.16.0.1",
    "172.31.255.255",
    "192.168.1.1",
    "169.254.1.1",
    "100.64.0.1",
    "::1",
    "fe80::1",
    "fd00::1",
  ]) {
    it(`${address || "a Unix socket"} is one`, () => assert.ok(addresses.has(address)));
  }
  for (const address of [
    "8.8.8.8",
    "172.32.0.1",
    "192.169.0.1",
    "100.128.0.1",
    "11.0.0.1",
    "2001:db8::1",
    "::",
    "no address",
  ]) {
    it(`${address} is none`, () => assert.equal(addresses.has(address), false));
  }
});

describe("own addresses", () => {
  it("are loopback, the unspecified, and those of the interfaces", () => {
    const own = Object.values(networkInterfaces()).flatMap(list => list?.map(entry => entry.address) ?? []);
    for (const address of ["127.0.0.1", "127.0.0.9", "::1", "0.0.0.0", "::", ...own])
      assert.ok(isOwnAddress(address), address);
    assert.equal(isOwnAddress("192.0.2.1"), false);
  });
});
