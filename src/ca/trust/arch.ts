// Arch and its descendants: p11-kit's trust(1), which copies and makes the bundle by itself.
import { join } from "node:path";
import { stateInBundle } from "./anchor-folder.ts";
import type { TrustStore } from "./store.ts";

const FOLDER = "/etc/ca-certificates/trust-source";
const BUNDLE = "/etc/ca-certificates/extracted/tls-ca-bundle.pem";

export const arch: TrustStore = {
  id: "arch",
  detect(machine) {
    if (machine.platform !== "linux" || !machine.has("trust") || !machine.exists(FOLDER)) return [];
    return [
      {
        store: "arch",
        title: "Arch (curl, wget, git, Python, Go, …)",
        where: FOLDER,
        async state(root) {
          return stateInBundle(machine, BUNDLE, root, join(FOLDER, `${root.label}.p11-kit`));
        },
        install: root => [
          {
            says: `store the root as an anchor below ${FOLDER}`,
            argv: ["trust", "anchor", "--store", root.file],
            asRoot: true,
          },
        ],
        uninstall: root => [
          {
            says: `remove that anchor below ${FOLDER}`,
            argv: ["trust", "anchor", "--remove", root.file],
            asRoot: true,
          },
        ],
      },
    ];
  },
};
