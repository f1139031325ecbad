// Cookie and Set-Cookie values as texts, edited without touching what was not named.
import { type Find, replaceFound } from "./find.ts";

/** Attributes of a Set-Cookie: a value sets, true adds the flag, false or null takes it off. */
export type CookieAttributes = Readonly<Record<string, string | boolean | null>>;

/** Sets, replaces (function) or removes (null) a cookie in the values of the Cookie fields; the last one gains a new cookie. */
export function editCookie(
  values: readonly string[],
  name: string,
  change: string | null | ((old: string) => string),
): (string | null)[] {
  let seen = false;
  const out = values.map(value => {
    const pairs = value.split(";");
    const kept = pairs.flatMap(pair => {
      const equals = pair.indexOf("=");
      if (equals < 0 || pair.slice(0, equals).trim() !== name) return [pair];
      if (change === null) return [];
      if (typeof change === "string" && seen) return [];
      seen = true;
      const old = pair.slice(equals + 1).trim();
      return [`${pair.slice(0, equals + 1)}${typeof change === "string" ? change : change(old)}`];
    });
    if (kept.length === 0) return null;
    return kept.length === pairs.length ? kept.join(";") : kept.join(";").trimStart();
  });
  if (seen || typeof change !== "string") return out;
  // Only a removal empties a value, so the last one is there.
  const last = out.length - 1;
  out[last] = out[last] === "" ? `${name}=${change}` : `${out[last]}; ${name}=${change}`;
  return out;
}

/** The name of a Set-Cookie value. */
export function setCookieName(value: string): string {
  const end = value.search(/[=;]/);
  return (end < 0 ? value : value.slice(0, end)).trim();
}

/** Changes value and attributes of one Set-Cookie value; attributes that were not named keep order and case. */
export function editSetCookie(
  value: string,
  newValue: string | undefined,
  attributes: CookieAttributes,
  strip: boolean,
): string {
  const [pair = "", ...rest] = value.split(";");
  const head = newValue === undefined ? pair : `${setCookieName(value)}=${newValue}`;
  const wanted = new Map(Object.entries(attributes).map(([name, each]) => [name.toLowerCase(), { name, value: each }]));
  const kept: string[] = [];
  for (const attribute of strip ? [] : rest) {
    const name = attribute.split("=", 1)[0]!.trim().toLowerCase();
    const change = wanted.get(name);
    if (change === undefined) kept.push(attribute);
    else if (change.value !== null && change.value !== false) kept.push(` ${written(change.name, change.value)}`);
    wanted.delete(name);
  }
  for (const { name, value: each } of wanted.values())
    if (each !== null && each !== false) kept.push(` ${written(name, each)}`);
  return [head, ...kept].join(";");
}

export function replaceCookieValue(find: Find, replacement: string): (old: string) => string {
  return old => replaceFound(find, old, replacement);
}

/** The attribute names of RFC 6265bis §4.1, as browsers write them. */
export const COOKIE_ATTRIBUTES = [
  "Domain",
  "Path",
  "Secure",
  "HttpOnly",
  "SameSite",
  "Max-Age",
  "Expires",
  "Partitioned",
] as const;

function written(name: string, value: string | true): string {
  return value === true ? name : `${name}=${value}`;
}
