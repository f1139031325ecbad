// `waylay rules schema`: the JSON Schema of rule files, which editors complete and check from.

import { rulesSchema } from "../../rules/schema.ts";
import type { Io } from "../io.ts";

export async function schema(io: Io): Promise<void> {
  io.out(`${JSON.stringify(rulesSchema(), null, 2)}\n`);
}
