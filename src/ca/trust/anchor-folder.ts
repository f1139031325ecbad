// The shape that Linux systems share: a folder for extra roots, and a command that makes the bundle programs read.
import { join } from "node:path";
import type { Machine } from "./machine.ts";
import type { Place, Step, TrustState, TrustStore } from "./store.ts";
import type { TrustedRoot } from "./trusted-root.ts";

type Command = Step["argv"];

export interface AnchorFolder {
  readonly id: string;
  readonly title: string;
  readonly folder: string;
  /** What programs read in the end: PEM certificates one after the other. */
  readonly bundle: string;
  /** Makes the bundle anew after a root has come, or gone. */
  readonly refresh: Command;
  readonly refreshAfterRemoval: Command;
}

export function anchorFolderStore(spec: AnchorFolder): TrustStore {
  return {
    id: spec.id,
    detect(machine) {
      const here = machine.platform === "linux" && machine.has(spec.refresh[0]) && machine.exists(spec.folder);
      return here ? [anchorFolderPlace(spec, machine)] : [];
    },
  };
}

function anchorFolderPlace(spec: AnchorFolder, machine: Machine): Place {
  const fileOf = (root: TrustedRoot) => join(spec.folder, `${root.label}.crt`);
  return {
    store: spec.id,
    title: spec.title,
    where: spec.folder,
    async state(root) {
      return stateInBundle(machine, spec.bundle, root, fileOf(root));
    },
    install: root => [
      {
        says: `copy the root to ${fileOf(root)}`,
        argv: ["install", "-m", "0644", root.file, fileOf(root)],
        asRoot: true,
      },
      { says: `make ${spec.bundle} anew with it`, argv: spec.refresh, asRoot: true },
    ],
    uninstall: root => [
      { says: `remove ${fileOf(root)}`, argv: ["rm", "-f", fileOf(root)], asRoot: true },
      { says: `make ${spec.bundle} anew without it`, argv: spec.refreshAfterRemoval, asRoot: true },
    ],
  };
}

/** Trusted is what programs read, not what was put beside it. */
export function stateInBundle(machine: Machine, bundle: string, root: TrustedRoot, file: string): TrustState {
  const text = machine.read(bundle)?.replace(/\s+/g, "") ?? "";
  if (text.includes(root.base64)) return "trusted";
  return machine.exists(file) ? "present" : "absent";
}
