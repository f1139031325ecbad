// Paths into JSON: `a.b[0].c`, `items[*].price`, `["odd key"].x`, `$` for the whole. Edits make a new value; what was not named is shared.

export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

export interface JsonPath {
  readonly text: string;
  readonly steps: readonly Step[];
}
type Step =
  | { readonly kind: "key"; readonly key: string }
  | { readonly kind: "index"; readonly index: number }
  | { readonly kind: "each" };

/** Parses a path; null if it is none. */
export function parseJsonPath(text: string): JsonPath | null {
  const steps: Step[] = [];
  const step = /\.?\[(-?\d+)\]|\.?\[\*\]|\.?\["((?:[^"\\]|\\.)*)"\]|\.?([^.[\]"$*]+)|\.\*/y;
  let at = text.startsWith("$") ? 1 : 0;
  if (text === "") return null;
  while (at < text.length) {
    step.lastIndex = at;
    const match = step.exec(text);
    if (match === null) return null;
    const [whole, index, quoted, key] = match;
    if (index !== undefined) steps.push({ kind: "index", index: Number(index) });
    else if (quoted !== undefined) steps.push({ kind: "key", key: quoted.replace(/\\(.)/g, "$1") });
    else if (key !== undefined) {
      if (at > 0 && !whole.startsWith(".")) return null;
      steps.push({ kind: "key", key });
    } else steps.push({ kind: "each" });
    at += whole.length;
  }
  return { text, steps };
}

/** Sets the value at a path, making objects (and arrays, for an index) on the way; a path over what is neither leaves it be. */
export function setAt(root: Json, path: JsonPath, value: Json): Json {
  return change(root, path.steps, 0, () => value, true) ?? null;
}

/** Removes what stands at a path. */
export function removeAt(root: Json, path: JsonPath): Json {
  return change(root, path.steps, 0, () => undefined, false) ?? null;
}

/** Puts a changed value at a path, where there is one. */
export function mapAt(root: Json, path: JsonPath, map: (old: Json) => Json): Json {
  return change(root, path.steps, 0, old => (old === undefined ? undefined : map(old)), false) ?? null;
}

/** RFC 7396: objects are merged, null removes, everything else replaces. */
export function mergePatch(target: Json | undefined, patch: Json): Json {
  if (!isObject(patch)) return patch;
  const out = plainObject(isObject(target) ? target : {});
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete out[key];
    else put(out, key, mergePatch(Object.hasOwn(out, key) ? out[key] : undefined, value));
  }
  return out;
}

export interface PatchOp {
  readonly op: "add" | "remove" | "replace" | "move" | "copy" | "test";
  readonly path: string;
  readonly from?: string | undefined;
  readonly value?: Json | undefined;
}

/** RFC 6902. Returns undefined if a step fails: then nothing is changed, as the RFC asks. */
export function applyPatch(root: Json, ops: readonly PatchOp[]): Json | undefined {
  let value: Json = root;
  for (const op of ops) {
    const next = patchOne(value, op);
    if (next === undefined) return undefined;
    value = next;
  }
  return value;
}

function patchOne(root: Json, op: PatchOp): Json | undefined {
  const path = pointer(op.path);
  const from = op.from === undefined ? null : pointer(op.from);
  if (path === null) return undefined;
  switch (op.op) {
    case "test":
      return same(at(root, path), op.value ?? null) ? root : undefined;
    case "add":
      return insert(root, path, op.value ?? null);
    case "remove":
      return at(root, path) === undefined ? undefined : without(root, path);
    case "replace":
      return at(root, path) === undefined ? undefined : replaceAt(root, path, op.value ?? null);
    case "copy":
    case "move": {
      const moved = from === null ? undefined : at(root, from);
      if (moved === undefined || from === null) return undefined;
      const base = op.op === "copy" ? root : without(root, from);
      return base === undefined ? undefined : insert(base, path, moved);
    }
  }
}

function pointer(text: string): string[] | null {
  if (text === "") return [];
  if (!text.startsWith("/")) return null;
  return text
    .slice(1)
    .split("/")
    .map(part => part.replaceAll("~1", "/").replaceAll("~0", "~"));
}

function at(value: Json | undefined, path: readonly string[]): Json | undefined {
  let here = value;
  for (const key of path) {
    if (isArray(here)) here = /^(0|[1-9]\d*)$/.test(key) ? here[Number(key)] : undefined;
    else if (isObject(here)) here = Object.hasOwn(here, key) ? here[key] : undefined;
    else return undefined;
  }
  return here;
}

function withParent(
  root: Json,
  path: readonly string[],
  edit: (parent: Json, key: string) => Json | undefined,
): Json | undefined {
  const [key, ...rest] = path;
  if (key === undefined) return undefined;
  if (rest.length === 0) return edit(root, key);
  const child = at(root, [key]);
  const changed = child === undefined ? undefined : withParent(child, rest, edit);
  return changed === undefined ? undefined : replaceAt(root, [key], changed);
}

function replaceAt(root: Json, path: readonly string[], value: Json): Json | undefined {
  if (path.length === 0) return value;
  return withParent(root, path, (parent, key) => {
    if (isArray(parent)) return parent.with(Number(key), value);
    const out = plainObject(isObject(parent) ? parent : {});
    put(out, key, value);
    return out;
  });
}

function insert(root: Json, path: readonly string[], value: Json): Json | undefined {
  if (path.length === 0) return value;
  return withParent(root, path, (parent, key) => {
    if (isArray(parent)) {
      const index = key === "-" ? parent.length : /^(0|[1-9]\d*)$/.test(key) ? Number(key) : -1;
      return index < 0 || index > parent.length ? undefined : parent.toSpliced(index, 0, value);
    }
    if (!isObject(parent)) return undefined;
    const out = plainObject(parent);
    put(out, key, value);
    return out;
  });
}

function without(root: Json, path: readonly string[]): Json | undefined {
  return withParent(root, path, (parent, key) => {
    if (isArray(parent)) return parent.toSpliced(Number(key), 1);
    const out = plainObject(isObject(parent) ? parent : {});
    delete out[key];
    return out;
  });
}

function change(
  value: Json | undefined,
  steps: readonly Step[],
  i: number,
  edit: (old: Json | undefined) => Json | undefined,
  create: boolean,
): Json | undefined {
  const step = steps[i];
  if (step === undefined) return edit(value);
  const inner = (old: Json | undefined): Json | undefined => change(old, steps, i + 1, edit, create);
  if (step.kind === "each") {
    if (isArray(value)) return value.flatMap(item => keep(inner(item)));
    if (!isObject(value)) return value;
    const out: Record<string, Json> = {};
    for (const [key, old] of Object.entries(value)) {
      const changed = inner(old);
      if (changed !== undefined) put(out, key, changed);
    }
    return out;
  }
  if (step.kind === "index") {
    if (!isArray(value)) return value === undefined && create && step.index === 0 ? keep(inner(undefined)) : value;
    const index = step.index < 0 ? value.length + step.index : step.index;
    const inside = index >= 0 && index < value.length;
    if (!inside && !(create && index === value.length)) return value;
    const changed = inner(inside ? value[index] : undefined);
    return changed === undefined
      ? value.toSpliced(index, inside ? 1 : 0)
      : value.toSpliced(index, inside ? 1 : 0, changed);
  }
  if (!isObject(value) && !(value === undefined && create)) return value;
  const own = isObject(value) ? value : {};
  const has = Object.hasOwn(own, step.key);
  if (!has && !create) return value;
  const changed = inner(has ? own[step.key] : undefined);
  const out = plainObject(own);
  if (changed === undefined) delete out[step.key];
  else put(out, step.key, changed);
  return out;
}

function keep(value: Json | undefined): Json[] {
  return value === undefined ? [] : [value];
}

function isArray(value: Json | undefined): value is readonly Json[] {
  return Array.isArray(value);
}

function isObject(value: Json | undefined): value is { readonly [key: string]: Json } {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function plainObject(from: { readonly [key: string]: Json }): Record<string, Json> {
  const out: Record<string, Json> = {};
  for (const [key, value] of Object.entries(from)) put(out, key, value);
  return out;
}

/** `__proto__` is a key like any other in JSON; assigning it would be something else. */
function put(out: Record<string, Json>, key: string, value: Json): void {
  Object.defineProperty(out, key, { value, enumerable: true, writable: true, configurable: true });
}

function same(a: Json | undefined, b: Json): boolean {
  if (a === undefined) return false;
  if (isArray(a)) return isArray(b) && a.length === b.length && a.every((item, i) => same(item, b[i]!));
  if (!isObject(a)) return a === b;
  const keys = Object.keys(a);
  return (
    isObject(b) &&
    keys.length === Object.keys(b).length &&
    keys.every(key => Object.hasOwn(b, key) && same(a[key], b[key]!))
  );
}
