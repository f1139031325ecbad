// docs/api.md, written from the tables that the program runs by, so that it cannot lie.
import { z } from "zod";
import { CODES } from "./error.ts";
import { EVENTS } from "./events/event.ts";
import type { Method } from "./method.ts";
import { METHODS } from "./methods.ts";

/** The part of JSON Schema that our parameters are described by. */
interface Shape {
  readonly type?: string;
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly anyOf?: readonly Shape[];
  readonly items?: Shape | boolean;
  readonly prefixItems?: readonly Shape[];
  readonly properties?: Readonly<Record<string, Shape>>;
  readonly required?: readonly string[];
  readonly default?: unknown;
  readonly description?: string;
}

/** The whole page, as Markdown. */
export function apiPage(): string {
  return `# The control API

Written from \`src/control\` by \`test/docs/api.test.ts\`.

JSON-RPC 2.0, one JSON object a line, over the Unix socket \`HOME/control.sock\` (\`--control PATH\`; its owner's alone).
\`waylay ctl METHOD [JSON]\` speaks it for you:

\`\`\`sh
waylay ctl flows.list '{"filter": "status:5xx", "limit": 10}'
waylay ctl events --filter host:*.example.com
echo '{"jsonrpc":"2.0","id":1,"method":"status"}' | nc -NU ~/.waylay/control.sock
\`\`\`

Requests of one connection run together, so answers may come in another order: they carry the request's id. Batches and
notifications are taken. Times are milliseconds since the epoch with fractions, sizes bytes. Unknown parameters are refused.

## Methods

${Object.entries<Method>(METHODS)
  .map(([name, method]) => section(name, method))
  .join("\n\n")}

## Events

Notifications after \`events.subscribe\`, each with \`subscription\` and \`eventId\` in its params. A subscriber that does not read what it
is sent is left out, and told so by \`resync\` once it reads again: nothing is kept for it.

| event | meaning |
| --- | --- |
${Object.entries(EVENTS)
  .map(([name, says]) => `| \`${name}\` | ${says} |`)
  .join("\n")}

## Errors

| code | meaning |
| --- | --- |
| -32700 | the line is no JSON |
| -32600 | it is no JSON-RPC request, or it is longer than \`--limit control-line\` |
| -32601 | there is no such method (\`data.method\`) |
| -32602 | a parameter is wrong: \`data.path\` says which, \`data.issues\` all of them; of a filter with \`column\`, \`length\` and \`expected\` |
| -32603 | a fault of waylay's own |
${Object.values(CODES)
  .map(({ code, says }) => `| ${code} | ${says} |`)
  .join("\n")}
`;
}

/** \`{filter?, limit?}\`: what a method takes, in short. */
export function paramsText(method: Method): string {
  const { properties = {}, required = [] } = shapeOf(method);
  const names = Object.keys(properties).map(name => (required.includes(name) ? name : `${name}?`));
  return `{${names.join(", ")}}`;
}

function section(name: string, method: Method): string {
  const { properties = {}, required = [] } = shapeOf(method);
  const rows = Object.entries(properties).map(([key, shape]) => row(key, shape, required.includes(key)));
  const table = rows.length === 0 ? "" : `| parameter | type | |\n| --- | --- | --- |\n${rows.join("\n")}\n\n`;
  return `### \`${name}\`\n\n${method.doc}\n\n${table}Answers \`${method.result}\`.`;
}

function row(name: string, shape: Shape, isRequired: boolean): string {
  const about = [
    shape.description ?? "",
    shape.default === undefined ? "" : `default \`${JSON.stringify(shape.default)}\``,
  ].filter(text => text !== "");
  const cell = (text: string): string => text.replaceAll("|", "\\|");
  return `| \`${name}\`${isRequired ? "" : "?"} | ${cell(typeText(shape))} | ${cell(about.join("; "))} |`;
}

function typeText(shape: Shape): string {
  if (shape.anyOf !== undefined) return shape.anyOf.map(typeText).join(" or ");
  if (shape.const !== undefined) return `\`${JSON.stringify(shape.const)}\``;
  if (shape.enum !== undefined) return shape.enum.map(value => `\`${value}\``).join(" | ");
  if (shape.prefixItems !== undefined) return `[${shape.prefixItems.map(typeText).join(", ")}]`;
  if (shape.type === "array") return `list of ${typeof shape.items === "object" ? typeText(shape.items) : "anything"}`;
  if (shape.properties !== undefined) {
    const { properties, required = [] } = shape;
    const members = Object.entries(properties).map(
      ([key, value]) => `${key}${required.includes(key) ? "" : "?"}: ${typeText(value)}`,
    );
    return `{${members.join(", ")}}`;
  }
  return shape.type ?? "anything";
}

function shapeOf(method: Method): Shape {
  return z.toJSONSchema(method.params, { io: "input" }) as Shape; // what zod writes is within it
}
