// Windows: the current user's Root store. The system shows its own dialogue before it adds or deletes there.
import type { TrustStore } from "./store.ts";

/** By its full name: NSS has a program called certutil too. */
const CERTUTIL = "C:\\Windows\\System32\\certutil.exe";

export const windows: TrustStore = {
  id: "windows",
  detect(machine) {
    if (machine.platform !== "win32") return [];
    return [
      {
        store: "windows",
        title: "Windows, current user (Edge, Chrome, Firefox, system programs)",
        where: "CurrentUser\\Root",
        async state(root) {
          const found = await machine.run([CERTUTIL, "-user", "-store", "Root", root.sha1]);
          return found.status === 0 ? "trusted" : "absent";
        },
        install: root => [
          {
            says: "add the root to the current user's trusted root authorities",
            argv: [CERTUTIL, "-user", "-addstore", "Root", root.file],
          },
        ],
        uninstall: root => [
          {
            says: "delete the root from the current user's trusted root authorities",
            argv: [CERTUTIL, "-user", "-delstore", "Root", root.sha1],
          },
        ],
      },
    ];
  },
};
