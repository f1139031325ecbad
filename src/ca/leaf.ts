// A certificate for a host, at once and in memory: every intercepted connection to a new host waits for this.
import { generateKeyPairSync, randomBytes } from "node:crypto";
import { LRUCache } from "lru-cache";
import { type CertHost, parseHost } from "./host.ts";
import { type Minted, mint } from "./mint.ts";
import { CURVE, LEAF_RENEWAL_MARGIN_MS, leafExtensions, leafSubject, subjectAltName } from "./profiles.ts";
import type { Root } from "./root.ts";
import { keyIdOf, spkiOf } from "./signer.ts";

export interface Leaf {
  /** The leaf and the chain below the root, as a server must send them. */
  readonly certPem: string;
  /** The same for all leaves of a cache, and never the root's. */
  readonly keyPem: string;
  readonly notAfterMs: number;
  /** Hexadecimal. */
  readonly serial: string;
  /** The host in the form it has in the certificate. */
  readonly host: string;
}

export interface LeafCacheOptions {
  /** Milliseconds since the epoch. */
  now(): number;
  /** Leaves kept; each is about 1.5 KB. */
  readonly max: number;
  readonly randomBytes?: (size: number) => Buffer;
}

/**
 * Leaves by host. Minting is synchronous (0.04 ms with an EC root, 0.3 ms with RSA 2048: `bench/ca.ts`), so there is
 * never a second one under way for a host. The same object is returned until a leaf is renewed.
 */
export class LeafCache {
  readonly #root: Root;
  readonly #now: () => number;
  readonly #random: (size: number) => Buffer;
  readonly #leaves: LRUCache<string, MintedLeaf>;
  readonly #keyPem: string;
  readonly #spki: Buffer;
  readonly #extensions: Buffer;

  constructor(root: Root, options: LeafCacheOptions) {
    const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: CURVE });
    this.#root = root;
    this.#now = options.now;
    this.#random = options.randomBytes ?? randomBytes;
    this.#leaves = new LRUCache({ max: options.max });
    this.#keyPem = privateKey.export({ type: "pkcs8", format: "pem" }).toString();
    this.#spki = spkiOf(publicKey);
    this.#extensions = leafExtensions("server", keyIdOf(this.#spki), root.issuer.keyId);
  }

  /**
   * The leaf for a DNS name, an IDN in either form, or an IP address, as SNI or CONNECT gave it.
   * @throws CaError "bad-name" for anything else (no file or log is ever named after it), "expired" with the root.
   */
  get(host: string): Leaf {
    const now = this.#now();
    const cached = this.#leaves.get(host);
    if (cached !== undefined && isFresh(cached, now)) return cached;
    const parsed = parseHost(host);
    const known = parsed.text === host ? undefined : this.#leaves.get(parsed.text);
    if (known !== undefined && isFresh(known, now)) return known;
    const leaf = this.#mint(parsed, now);
    this.#leaves.set(parsed.text, leaf); // by the name's one form: ExAmPlE.com in all its cases fills no cache
    return leaf;
  }

  #mint(host: CertHost, nowMs: number): MintedLeaf {
    const minted = mint(this.#root, {
      subject: leafSubject(host.text),
      spki: this.#spki,
      extensions: [this.#extensions, subjectAltName([host])],
      nowMs,
      randomBytes: this.#random,
    });
    const lastsWithRoot = minted.notAfterMs === this.#root.notAfter.getTime(); // a newer one would not last longer
    const renewAtMs = lastsWithRoot ? minted.notAfterMs : minted.notAfterMs - LEAF_RENEWAL_MARGIN_MS;
    return { ...minted, keyPem: this.#keyPem, renewAtMs, host: host.text };
  }
}

interface MintedLeaf extends Leaf, Minted {
  readonly renewAtMs: number;
}

/** A clock that was set back past a leaf's beginning makes it worthless too. */
function isFresh(leaf: MintedLeaf, nowMs: number): boolean {
  return nowMs < leaf.renewAtMs && nowMs >= leaf.notBeforeMs;
}
