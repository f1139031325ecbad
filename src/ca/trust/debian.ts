// Debian, Ubuntu and their descendants: update-ca-certificates(8).
import { type AnchorFolder, anchorFolderStore } from "./anchor-folder.ts";

export const DEBIAN: AnchorFolder = {
  id: "debian",
  title: "Debian, Ubuntu (curl, wget, git, Python, Go, …)",
  folder: "/usr/local/share/ca-certificates",
  bundle: "/etc/ssl/certs/ca-certificates.crt",
  refresh: ["update-ca-certificates"],
  // Without --fresh the symbolic links to the removed file stay in /etc/ssl/certs.
  refreshAfterRemoval: ["update-ca-certificates", "--fresh"],
};

export const debian = anchorFolderStore(DEBIAN);
