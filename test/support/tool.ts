// Programs that tests ask for a second opinion. Where one is missing its tests are skipped, and say so; where
// WAYLAY_TEST_REQUIRE_ALL is set (CI installs everything) a missing one is a failure.
import { execFileSync } from "node:child_process";
import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";

/** The `skip` option of a test that needs a program: false, or the reason. */
export function skipWithout(...programs: readonly string[]): string | false {
  const reason = skipWithoutRare(...programs);
  if (reason !== false && process.env.WAYLAY_TEST_REQUIRE_ALL) throw new Error(reason);
  return reason;
}

/** The same for a program that CI goes without, too: it says so and never fails. */
export function skipWithoutRare(...programs: readonly string[]): string | false {
  const missing = programs.filter(program => !isInstalled(program));
  return missing.length > 0 && `${missing.join(", ")} not installed: NOT TESTED`;
}

function isInstalled(program: string): boolean {
  return (process.env.PATH ?? "").split(delimiter).some(folder => {
    try {
      accessSync(join(folder, program), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

/** Standard output of a program; throws with its standard error if it fails. */
export function outputOf(program: string, ...args: readonly string[]): string {
  return execFileSync(program, args, { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
}
