// Charles' exported tools (XML): Map Local, Map Remote, Rewrite, Block List.
import { allOf, literal, oneOf, quoteRegex, regexTerm, term } from "./filter-text.ts";
import type { Imported, ImportedRule, LeftBehind, RuleTree } from "./imported.ts";
import { allBelow, childOf, childText, readXml, type XmlElement } from "./xml.ts";

/** Reads what "Export Settings…" of a tool writes, or of all of them. */
export function importCharles(text: string): Imported {
  const top = readXml(text);
  const rules: ImportedRule[] = [];
  const left: LeftBehind[] = [];
  const add = (element: XmlElement, name: string, made: (RuleTree & { when: string }) | string, on: boolean): void => {
    if (typeof made === "string") left.push({ line: element.line, text: name, why: made });
    else rules.push({ line: element.line, rule: { name, ...made, ...(on ? {} : { enabled: false }) } });
  };
  for (const mapping of allBelow(top, "mapLocalMapping"))
    add(mapping, `map local, line ${mapping.line}`, mapLocal(mapping), isOn(mapping, "enabled"));
  for (const mapping of allBelow(top, "mapMapping"))
    add(mapping, `map remote, line ${mapping.line}`, mapRemote(mapping), isOn(mapping, "enabled"));
  for (const list of allBelow(top, "blacklist"))
    for (const match of allBelow(list, "locationMatch"))
      add(
        match,
        `block, line ${match.line}`,
        { when: filterOf(childOf(match, "location")), block: 403 },
        isOn(match, "enabled"),
      );
  for (const set of allBelow(top, "rewriteSet")) {
    for (const rule of allBelow(set, "rewriteRule")) {
      const made = rewrite(rule, set);
      const name = `${childText(set, "name") || "rewrite"}, line ${rule.line}`;
      add(rule, name, made, isOn(set, "active") && isOn(rule, "active"));
    }
  }
  if (rules.length + left.length === 0)
    left.push({ line: 1, text: "the file", why: "it holds no tool of Charles that is read" });
  return { rules: rules.sort((a, b) => a.line - b.line), left };
}

function isOn(element: XmlElement, name: string): boolean {
  return childText(element, name) !== "false";
}

/** An empty part of a location is any. `catches`: its path may be what `${1}` stands for. */
function filterOf(location: XmlElement | undefined, catches = true): string {
  if (location === undefined) return "*";
  const [protocol, host, port, path, query] = ["protocol", "host", "port", "path", "query"].map(name =>
    childText(location, name),
  ) as [string, string, string, string, string];
  return allOf([
    protocol === "" ? "" : term("scheme", protocol),
    host === "" || host === "*" ? "" : term("host", host),
    port === "" || port === "*" ? "" : term("port", port),
    path === "" || path === "/*"
      ? ""
      : catches || !path.includes("*")
        ? term("path", path)
        : regexTerm("path", `^${path.split("*").map(quoteRegex).join(".*")}$`, ""),
    query === "" || query === "*" ? "" : regexTerm("url", `\\?${query.split("*").map(quoteRegex).join(".*")}`),
  ]);
}

function filterOfSet(set: XmlElement, catches = true): string {
  const matches = allBelow(set, "locationMatch").filter(match => isOn(match, "enabled"));
  const filters = matches.map(match => filterOf(childOf(match, "location"), catches));
  if (filters.length === 0 || filters.includes("*")) return "*";
  return filters.length === 1 ? filters[0]! : oneOf(filters.map(each => (each.includes(" ") ? `(${each})` : each)));
}

function mapLocal(mapping: XmlElement): RuleTree & { when: string } {
  const source = childOf(mapping, "sourceLocation");
  const path = source === undefined ? "" : childText(source, "path");
  const dest = childText(mapping, "dest");
  // A path that ends in a star is mapped to a folder.
  const isFolder = path === "" || path.endsWith("*");
  return { when: filterOf(source), answer: { file: isFolder ? dest.replace(/\/?$/, "/") : dest } };
}

function mapRemote(mapping: XmlElement): (RuleTree & { when: string }) | string {
  const to = childOf(mapping, "destLocation");
  const source = childOf(mapping, "sourceLocation");
  if (to === undefined) return "it names no destination";
  const part = (name: string) => childText(to, name);
  const [host, port, path] = [part("host"), part("port"), part("path")];
  const query = part("query") === "" ? "${query}" : `?${literal(part("query"))}`;
  const sourcePath = source === undefined ? "" : childText(source, "path");
  const rest = path.endsWith("*") && sourcePath.endsWith("*") ? "${1}" : "";
  const where = path === "" ? "${path}" : `${literal(path.replace(/\*$/, ""))}${rest}`;
  return {
    when: filterOf(source),
    request: {
      to: `${part("protocol") || "${scheme}"}://${host || "${host}"}${port === "" ? "" : `:${port}`}${where.startsWith("/") || where.startsWith("$") ? "" : "/"}${where}${query}`,
      ...(childText(mapping, "preserveHostHeader") === "true" ? { keepHost: true } : {}),
    },
  };
}

const ADD_HEADER = "1";
const MODIFY_HEADER = "3";
const URL_REPLACED = "6";
const BODY = "7";

function rewrite(rule: XmlElement, set: XmlElement): (RuleTree & { when: string }) | string {
  const said = (name: string) => childText(rule, name);
  const type = said("ruleType");
  if (![ADD_HEADER, MODIFY_HEADER, URL_REPLACED, BODY].includes(type)) return `a rule of type ${type} is not read`;
  if (type === URL_REPLACED) return rewriteUrl(rule, filterOfSet(set, false));
  const sides = [
    ...(said("matchRequest") === "true" ? ["request"] : []),
    ...(said("matchResponse") === "true" ? ["response"] : []),
  ];
  if (sides.length === 0) return "it is for neither requests nor responses";
  const edit =
    type === BODY
      ? { body: { replace: { find: findOf(rule), with: replacementOf(rule) } } }
      : type === ADD_HEADER
        ? { headers: { add: { [said("newHeader")]: literal(said("newValue")) } } }
        : modifiedHeader(rule);
  if (typeof edit === "string") return edit;
  return { when: filterOfSet(set), ...Object.fromEntries(sides.map(side => [side, edit])) };
}

/** The value, or what of it matches, becomes another; a header that is matched by name alone gets the new value. */
function modifiedHeader(rule: XmlElement): RuleTree | string {
  const said = (name: string) => childText(rule, name);
  const name = said("matchHeader") || said("newHeader");
  if (name === "") return "it names no header";
  if (said("matchHeaderRegex") === "true") return "a header's name is matched by a regex";
  if (said("newHeader") !== "" && said("newHeader").toLowerCase() !== name.toLowerCase())
    return { headers: { rename: { [name]: said("newHeader") } } };
  if (said("matchValue") === "") return { headers: { set: { [name]: literal(said("newValue")) } } };
  return { headers: { replace: { [name]: { find: findOf(rule), with: replacementOf(rule) } } } };
}

function rewriteUrl(rule: XmlElement, where: string): (RuleTree & { when: string }) | string {
  const match = childText(rule, "matchValue");
  if (match === "") return "it matches nothing";
  const text = literal(childText(rule, "newValue"));
  const isRegex = childText(rule, "matchValueRegex") === "true";
  const source = isRegex ? match : quoteRegex(match);
  const groups = isRegex ? (match.replace(/\\./g, "").match(/\((?!\?)/g)?.length ?? 0) : 0;
  const inner = text.replace(/\$(\d)/g, (_, n: string) => `\${${Number(n) + 1}}`);
  return {
    when: allOf([where, regexTerm("url", `^(.*?)${source}(.*)$`)]),
    request: { to: `\${1}${inner}\${${groups + 2}}` },
  };
}

function findOf(rule: XmlElement): string {
  const value = childText(rule, "matchValue");
  const source = childText(rule, "matchValueRegex") === "true" ? value.replace(/(?<!\\)\//g, "\\/") : quoteRegex(value);
  const flags = childText(rule, "caseSensitive") === "true" ? "" : "i";
  return childText(rule, "matchWholeValue") === "true" ? `/^(?:${source})$/${flags}` : `/${source}/${flags}`;
}

function replacementOf(rule: XmlElement): string {
  return literal(childText(rule, "newValue"));
}
