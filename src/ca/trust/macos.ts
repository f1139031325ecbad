// macOS: the login keychain, so that no other user of the machine is concerned and no administrator is asked for.
// The system shows its own dialogue before it changes trust settings.
import { join } from "node:path";
import type { TrustStore } from "./store.ts";

export const macos: TrustStore = {
  id: "macos",
  detect(machine) {
    if (machine.platform !== "darwin") return [];
    const keychain = join(machine.home, "Library/Keychains/login.keychain-db");
    return [
      {
        store: "macos",
        title: "macOS, login keychain (Safari, Chrome, Firefox, system programs)",
        where: keychain,
        async state(root) {
          // -l: it is an authority and not a server; -L: ask nobody on the network.
          const verified = await machine.run([
            "security",
            "verify-cert",
            "-q",
            "-l",
            "-L",
            "-p",
            "ssl",
            "-c",
            root.file,
          ]);
          if (verified.status === 0) return "trusted";
          const found = await machine.run(["security", "find-certificate", "-a", "-Z", keychain]);
          return found.stdout.includes(root.sha1) ? "present" : "absent";
        },
        install: root => [
          {
            says: "add the root to your login keychain and trust it for TLS",
            argv: [
              ...(["security", "add-trusted-cert", "-r", "trustRoot", "-p", "ssl", "-p", "basic"] as const),
              ...(["-k", keychain, root.file] as const),
            ],
          },
        ],
        uninstall: root => [
          {
            says: "delete the root and its trust settings from your login keychain",
            argv: ["security", "delete-certificate", "-t", "-Z", root.sha1, keychain],
          },
        ],
      },
    ];
  },
};
