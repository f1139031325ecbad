import { BlockList, isIP } from "node:net";
import { networkInterfaces } from "node:os";

/** Addresses that no client on the open internet has: loopback, private, link-local, unique local, carrier-grade NAT. */
export class PrivateAddresses {
  private readonly list = new BlockList();

  constructor() {
    const { list } = this;
    list.addSubnet("127.0.0.0", 8); // RFC 1122
    list.addSubnet("10.0.0.0", 8); // RFC 1918
    list.addSubnet("172.16.0.0", 12);
    list.addSubnet("192.168.0.0", 16);
    list.addSubnet("169.254.0.0", 16); // RFC 3927
    list.addSubnet("100.64.0.0", 10); // RFC 6598
    list.addAddress("::1", "ipv6");
    list.addSubnet("fe80::", 10, "ipv6"); // RFC 4291
    list.addSubnet("fc00::", 7, "ipv6"); // RFC 4193
  }

  /** "" is a Unix socket: as private as can be. */
  has(address: string): boolean {
    const kind = isIP(address);
    return kind === 0 ? address === "" : this.list.check(address, kind === 6 ? "ipv6" : "ipv4");
  }
}

/** Is this one of the machine's own addresses? Asked rarely; interfaces come and go. */
export function isOwnAddress(address: string): boolean {
  if (address.startsWith("127.") || address === "::1" || address === "0.0.0.0" || address === "::") return true;
  return Object.values(networkInterfaces()).some(list => list?.some(entry => entry.address === address));
}
