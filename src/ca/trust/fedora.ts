// Fedora, RHEL and their descendants: update-ca-trust(8).
import { anchorFolderStore } from "./anchor-folder.ts";

export const fedora = anchorFolderStore({
  id: "fedora",
  title: "Fedora, RHEL (curl, wget, git, Python, Go, Firefox, …)",
  folder: "/etc/pki/ca-trust/source/anchors",
  bundle: "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
  refresh: ["update-ca-trust", "extract"],
  refreshAfterRemoval: ["update-ca-trust", "extract"],
});
