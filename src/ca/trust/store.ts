// trust: the places where systems and browsers look up whom they trust. One file a store says where it is and which
// commands put a root in and take it out; nothing here runs before a person has seen those commands and said yes.
import type { Machine } from "./machine.ts";
import type { TrustedRoot } from "./trusted-root.ts";

export interface TrustStore {
  readonly id: string;
  /** Its places on this machine; none if the store does not exist here. */
  detect(machine: Machine): readonly Place[];
}

/** One store that can trust a root: the system's folder, a keychain, a browser profile's database. */
export interface Place {
  readonly store: string;
  /** Who reads it: "Debian, Ubuntu: curl and most programs". */
  readonly title: string;
  /** A path, or the store's own name for it. */
  readonly where: string;
  /** Why nothing can be done or seen here, and what to do about it. */
  readonly blocked?: string | undefined;
  /** `present`: put there but not trusted, as after an installation that broke off. */
  state(root: TrustedRoot): Promise<TrustState>;
  install(root: TrustedRoot): readonly Step[];
  uninstall(root: TrustedRoot): readonly Step[];
}

export type TrustState = "trusted" | "present" | "absent";

/** One command, in words and as it is run. */
export interface Step {
  readonly says: string;
  readonly argv: readonly [program: string, ...args: string[]];
  /** Only the administrator may: `sudo` is put before it where need be. */
  readonly asRoot?: boolean;
}
