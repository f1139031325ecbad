// Whether sessions can be recorded and read: the native library loads, and the newest session opens.

import { join } from "node:path";
import { newestSession } from "../session.ts";
import { errorLine } from "../system-error.ts";
import { bad, type Finding, good, type Patient } from "./finding.ts";

export async function checkStore({ home }: Patient): Promise<Finding[]> {
  const library = await import("libsql").then(
    ({ default: Database }) => new Database(":memory:").close(),
    (error: unknown) => errorLine(error),
  );
  if (library !== undefined) return [bad("store", `SQLite cannot be loaded: ${library}`, "npm ci")];
  const newest = newestSession(join(home, "sessions"));
  if (!newest) return [good("store", "SQLite is there; no session is recorded yet")];
  try {
    const { openSession } = await import("../../flow/store/session.ts");
    openSession(newest).close();
    return [good("store", `${newest} opens`)];
  } catch (error) {
    return [bad("store", errorLine(error), `mv ${newest} ${newest}.broken`)];
  }
}
