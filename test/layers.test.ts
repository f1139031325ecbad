// Imports go down (house.md, "Layers"): what each room may know of the others, which of Node's doors each may open, and
// that there is no way round in a circle.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type SourceFile, sourceFiles } from "./support/sources.ts";

const files = sourceFiles("src");

/** Room -> the rooms that it may import. Its own is always allowed; `config` is config.ts and its folder. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  wire: [],
  config: ["wire"],
  match: ["wire", "config"],
  ca: ["wire", "config"],
  net: ["ca", "wire", "config"],
  rules: ["match", "wire", "config"],
  flow: ["match", "wire", "config"],
  proxy: ["net", "rules", "flow", "match", "ca", "wire", "config"],
  capture: ["flow", "match", "wire", "config"],
  control: ["proxy", "capture", "rules", "flow", "net", "match", "ca", "wire", "config"],
  web: ["control", "rules", "flow", "net", "match", "wire", "config"],
  origin: ["net", "ca", "wire", "config"],
  launch: ["net", "ca", "wire", "config"],
  send: ["net", "ca", "wire", "config"],
  tools: ["net", "ca", "wire", "config"],
};

/** They join the parts, so they know them all; nobody knows them. */
const COMPOSERS = ["cli", "gateway"];

/** A module of Node's -> the rooms that may import it. Sockets have one room; tests may do as they like. */
const DOORS: Readonly<Record<string, readonly string[]>> = {
  "node:net": ["net", "origin"],
  "node:tls": ["net", "origin"],
  "node:dns": ["net"],
  "node:dns/promises": ["net"],
  "node:dgram": ["net"],
  "node:http": ["web", "origin"],
  "node:https": ["web", "origin"],
  "node:http2": [],
};

/** What pure functions of bytes need of Node. */
const WIRE_MAY_USE = ["node:crypto", "node:zlib"];

describe("layers", () => {
  it("finds the rooms", () => {
    assert.ok(files.length > 100, `only ${files.length} files`);
    const unknown = files.map(roomOf).filter(room => !(room in MAY_IMPORT) && !COMPOSERS.includes(room));
    assert.deepEqual([...new Set(unknown)], [], "a room without rules: say in MAY_IMPORT what it may import");
  });

  it("imports go down", () => {
    const wrong = files.flatMap(file => {
      const room = roomOf(file);
      if (COMPOSERS.includes(room)) return [];
      const allowed = [room, ...(MAY_IMPORT[room] ?? [])];
      return localTargets(file)
        .filter(target => !allowed.includes(roomOfPath(target)))
        .map(target => `${file.path} -> ${target}`);
    });
    assert.deepEqual(wrong, []);
  });

  it("every import is of a file that is there", () => {
    const paths = new Set(files.map(file => file.path));
    const wrong = files.flatMap(file =>
      localTargets(file).filter(target => target.startsWith("src/") && !exists(paths, target)),
    );
    assert.deepEqual(wrong, []);
  });

  it("sockets have one room", () => {
    const wrong = files.flatMap(file =>
      file.imports
        .filter(({ target }) => target in DOORS && !DOORS[target].includes(roomOf(file)))
        .map(({ target }) => `${file.path} -> ${target}`),
    );
    assert.deepEqual(wrong, []);
  });

  it("wire is pure", () => {
    const wrong = files
      .filter(file => roomOf(file) === "wire")
      .flatMap(file =>
        file.imports
          .filter(({ target, local }) => !local && !WIRE_MAY_USE.includes(target))
          .map(({ target }) => `${file.path} -> ${target}`),
      );
    assert.deepEqual(wrong, []);
  });

  it("there are no cycles", () => {
    assert.deepEqual(cycles(files), []);
  });
});

function localTargets(file: SourceFile): string[] {
  return file.imports.filter(({ local }) => local).map(({ target }) => target);
}

function roomOf(file: SourceFile): string {
  return roomOfPath(file.path);
}

/** src/room/… and src/room.ts are both "room". */
function roomOfPath(path: string): string {
  return /^src\/([^/.]+)/.exec(path)?.[1] ?? path;
}

function exists(paths: ReadonlySet<string>, target: string): boolean {
  return paths.has(target) || paths.has(target.replace(/\.js$/, ".ts")) || /\.(json|d\.ts)$/.test(target);
}

/** One way round for each circle of imports that exist when the program runs. */
function cycles(all: readonly SourceFile[]): string[] {
  const graph = new Map(all.map(file => [file.path, runtimeTargets(file)]));
  const done = new Set<string>();
  const found: string[] = [];
  const walk = (path: string, way: readonly string[]): void => {
    const at = way.indexOf(path);
    if (at >= 0) found.push([...way.slice(at), path].join(" -> "));
    if (at >= 0 || done.has(path)) return;
    for (const next of graph.get(path) ?? []) walk(next, [...way, path]);
    done.add(path);
  };
  for (const path of graph.keys()) walk(path, []);
  return found;
}

function runtimeTargets(file: SourceFile): string[] {
  return file.imports.filter(({ local, typeOnly }) => local && !typeOnly).map(({ target }) => target);
}
