// `vars:` of a rule file: texts that may use the environment, files and each other.
import { isMap, isScalar, kindOf, type LoadContext } from "./load-context.ts";
import { holesOf, parseTemplate } from "./template.ts";

/** Reads the vars into the context, each after those it uses; vars that use each other in a ring are reported. */
export function readVars(node: unknown, context: LoadContext): void {
  const map = context.resolve(node, 1);
  if (!isMap(map)) {
    context.report.error(context.span(node), `${kindOf(map)} stands where vars must`, ["NAME: value"]);
    return;
  }
  const sources = new Map<string, { source: string; node: unknown }>();
  for (const pair of map.items) {
    const name = isScalar(pair.key) ? String(pair.key.value) : "";
    const value = context.resolve(pair.value, 2);
    if (!/^[A-Za-z_][\w-]*$/.test(name))
      context.report.error(context.span(pair), `${JSON.stringify(name)} is no name for a var`, [
        "letters, digits, _ and -",
      ]);
    else if (!isScalar(value) || value.value === null)
      context.report.error(context.span(pair), `${kindOf(value)} stands where the value of ${name} must`, ["a text"]);
    else
      sources.set(name, {
        source: typeof value.value === "string" ? value.value : String(value.source ?? value.value),
        node: value,
      });
  }
  const done = new Set<string>();
  const visit = (name: string, path: readonly string[]): void => {
    const own = sources.get(name);
    if (own === undefined || done.has(name)) return;
    if (path.includes(name)) {
      context.report.error(
        context.span(own.node),
        `vars that use each other in a ring: ${[...path, name].join(" → ")}`,
        ["a value that ends"],
      );
      context.setVar(name, "");
      done.add(name);
      return;
    }
    for (const hole of holesOf(parseTemplate(own.source))) visit(hole.name, [...path, name]);
    if (done.has(name)) return;
    done.add(name);
    const filled = context.template(own.source, context.span(own.node));
    // What only an exchange can fill stays a hole in the var's text.
    context.setVar(name, filled.parts.map(part => (typeof part === "string" ? part : `\${${part.name}}`)).join(""));
  };
  for (const name of sources.keys()) visit(name, []);
}
