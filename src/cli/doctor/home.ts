// The folder that everything is kept in, and the room there is for it.

import { accessSync, constants, existsSync, readdirSync, statfsSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { LIMITS } from "../../config/limits.ts";
import { sizeText } from "../render/units.ts";
import { bad, type Finding, good, note, type Patient } from "./finding.ts";

export function checkHome({ home, platform }: Patient): Finding[] {
  const folder = nearestExisting(home);
  if (!isWritable(folder)) return [bad("home", `${folder} cannot be written`, `sudo chown -R "$(id -un)" ${folder}`)];
  if (folder !== home) return [good("home", `${home} (will be made at the first start)`)];
  if (!statSync(home).isDirectory()) return [bad("home", `${home} is no folder`, `mv ${home} ${home}.old`)];
  return [good("home", home), ...checkModes(home, platform)];
}

/** Keys, sockets and recorded traffic are nobody else's business. */
function checkModes(home: string, platform: NodeJS.Platform): Finding[] {
  if (platform === "win32") return [];
  const sessions = join(home, "sessions");
  const files = existsSync(sessions) ? readdirSync(sessions).map(file => join(sessions, file)) : [];
  files.push(join(home, "ca", "root.key"), join(home, "control.sock"));
  const loose = files.filter(file => existsSync(file) && (statSync(file).mode & 0o077) !== 0);
  if (loose.length === 0) return [good("modes", "keys and sessions are readable by you alone")];
  return [bad("modes", `others can read ${loose[0]}${more(loose.length - 1)}`, `chmod 600 ${loose.join(" ")}`)];
}

export function checkDisk({ home }: Patient): Finding[] {
  const { bavail, bsize } = statfsSync(nearestExisting(home));
  const free = bavail * bsize;
  const least = LIMITS.diskFreeBytes.value;
  if (free < least) {
    return [
      bad("disk", `${sizeText(free)} free; recording stops below ${sizeText(least)}`, `du -sh ${home}/sessions/*`),
    ];
  }
  if (free < 4 * least)
    return [note("disk", `${sizeText(free)} free; that is soon recorded`, `du -sh ${home}/sessions/*`)];
  return [good("disk", `${sizeText(free)} free`)];
}

function nearestExisting(path: string): string {
  let at = path;
  while (!existsSync(at) && dirname(at) !== at) at = dirname(at);
  return at;
}

function isWritable(path: string): boolean {
  try {
    accessSync(path, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

function more(count: number): string {
  return count > 0 ? ` and ${count} more` : "";
}
