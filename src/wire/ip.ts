// IP addresses as text (RFC 3986 §3.2.2). node:net knows them too, but this layer knows no sockets.

/** Eight groups, one run of zeros as "::", the last two groups maybe as IPv4. No brackets, no zone. */
export function isIpv6(text: string): boolean {
  const halves = text.split("::");
  if (halves.length > 2) return false;
  const groups = halves.flatMap(half => (half === "" ? [] : half.split(":")));
  const embedsIpv4 = !text.endsWith("::") && groups.length > 0 && groups[groups.length - 1].includes(".");
  if (embedsIpv4 && !isIpv4(groups.pop() as string)) return false; // there is a last one
  const count = groups.length + (embedsIpv4 ? 2 : 0);
  return groups.every(group => GROUP.test(group)) && (halves.length === 2 ? count <= 7 : count === 8);
}

/** Four decimal numbers up to 255, without leading zeros (which some read as octal). */
export function isIpv4(text: string): boolean {
  const parts = text.split(".");
  return parts.length === 4 && parts.every(part => OCTET.test(part) && Number(part) <= 255);
}

const GROUP = /^[0-9A-Fa-f]{1,4}$/;
const OCTET = /^(?:0|[1-9][0-9]{0,2})$/;
