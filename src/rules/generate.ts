// Writes the files that come from the tables: `node --import tsx src/rules/generate.ts`. A test holds that they are up to date.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { rulesReference } from "./reference.ts";
import { rulesSchema } from "./schema.ts";

const root = join(import.meta.dirname, "..", "..");
writeFileSync(join(root, "docs", "rules.md"), rulesReference());
writeFileSync(join(root, "rules", "schema.json"), `${JSON.stringify(rulesSchema(), null, 2)}\n`);
