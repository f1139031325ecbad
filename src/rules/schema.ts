// The JSON Schema of rule files, from the table of actions: what editors complete and check.

import { OFFERED_ACTIONS } from "./actions/table.ts";
import type { Json } from "./edit/json-path.ts";

type Tree = { properties: Record<string, Json | Tree> };

/** JSON Schema (draft 7, which the editors' YAML servers read). */
export function rulesSchema(): Json {
  const rule: Tree = { properties: {} };
  for (const action of OFFERED_ACTIONS) {
    const path = action.key.split(".");
    let at = rule;
    for (const section of path.slice(0, -1)) {
      at.properties[section] ??= { properties: {} };
      at = at.properties[section] as Tree; // sections are made by the line above and are no actions
    }
    at.properties[path.at(-1)!] = { description: `${action.doc}\n\nExample: ${action.example}`, ...action.schema };
  }
  const filter: Json = { type: "string", minLength: 1, description: "A filter, such as host:*.example.com path:/v2/*" };
  const frame: Record<string, Json> = {
    name: { type: "string", description: "Shown on every flow that the rule touches." },
    when: filter,
    unless: filter,
    process: { type: "string", description: "Only this process; * matches anything." },
    enabled: { type: "boolean", default: true },
    final: { type: "boolean", default: false, description: "Ask no later rule when this one matches." },
    sample: { type: "string", pattern: "^\\d+(\\.\\d+)?\\s*%$", description: "Only this share of matches: 10%" },
    times: {
      anyOf: [
        { type: "integer", minimum: 1 },
        {
          type: "object",
          properties: { first: COUNT, after: COUNT, every: COUNT },
          additionalProperties: false,
          maxProperties: 1,
        },
      ],
      description: "The first N matches, those after N, or every Nth.",
    },
    between: {
      type: "array",
      items: { type: "string" },
      minItems: 2,
      maxItems: 2,
      description: "[09:00, 17:30] of each day, or two ISO times.",
    },
  };
  const actions = section(rule) as { properties: Record<string, Json> }; // section gives an object schema
  return {
    $schema: "http://json-schema.org/draft-07/schema#",
    title: "waylay rules",
    type: "object",
    additionalProperties: false,
    properties: {
      vars: {
        type: "object",
        additionalProperties: { type: ["string", "number", "boolean"] },
        description: "Texts for ${NAME} in the rules.",
      },
      rules: {
        type: ["array", "null"],
        items: {
          type: "object",
          required: ["when"],
          additionalProperties: false,
          properties: { ...frame, ...actions.properties },
        },
      },
    },
  };
}

const COUNT: Json = { type: "integer", minimum: 1 };

function section(tree: Tree): Json {
  const properties = Object.entries(tree.properties).map(([key, value]): [string, Json] => [
    key,
    isTree(value) ? section(value) : value,
  ]);
  return { type: "object", additionalProperties: false, properties: Object.fromEntries(properties) };
}

/** Sections have nothing but properties; an action's schema has at least its description. */
function isTree(value: Json | Tree): value is Tree {
  return (
    typeof value === "object" &&
    value !== null &&
    !Array.isArray(value) &&
    "properties" in value &&
    !("description" in value)
  );
}
