// Mock files on disk. A folder is a wall: `..`, encoded or not, NUL, and links that lead out of it are refused.
import { readFile, realpath, stat } from "node:fs/promises";
import { join, relative, resolve, sep } from "node:path";
import { MockFault, type MockFile, type MockSources } from "./render.ts";

/** A mock is read whole; larger ones are refused rather than held. */
const MOST = 64_000_000;

/** The disk alone: it has no recorded flows. */
export const DISK_MOCKS: MockSources = {
  async recorded(id) {
    throw new MockFault(502, `flow ${id} cannot be asked for here: nothing is recorded`);
  },

  async file(path) {
    try {
      return await read(path);
    } catch (error) {
      throw new MockFault(502, `${path} ${reasonOf(error)}`);
    }
  },

  async below(folder, path, index) {
    const wanted = resolve(folder, `.${sep}${path}`);
    if (path.includes("\0") || !isInside(resolve(folder), wanted))
      throw new MockFault(404, `${path} leads out of ${folder}`);
    let root: string;
    try {
      root = await realpath(folder);
    } catch (error) {
      throw new MockFault(502, `${folder} ${reasonOf(error)}`);
    }
    try {
      const real = await realpath(wanted);
      if (!isInside(root, real)) throw new MockFault(404, `${path} leads out of ${folder}`);
      if (!(await stat(real)).isDirectory()) return await read(real);
      for (const name of index) {
        const page = await realpath(join(real, name)).catch(() => null);
        if (page !== null && isInside(root, page)) return await read(page);
      }
      throw new MockFault(404, `${wanted} has none of ${index.join(", ")}`);
    } catch (error) {
      if (error instanceof MockFault) throw error;
      throw new MockFault(404, `${wanted} ${reasonOf(error)}`);
    }
  },
};

async function read(path: string): Promise<MockFile> {
  const about = await stat(path);
  if (!about.isFile()) throw new MockFault(502, `${path} is no file`);
  if (about.size > MOST) throw new MockFault(502, `${path} is larger than ${MOST / 1e6} MB`);
  return { path, bytes: await readFile(path), modifiedMs: Math.trunc(about.mtimeMs) };
}

function isInside(root: string, path: string): boolean {
  const way = relative(root, path);
  return way === "" || (way !== ".." && !way.startsWith(`..${sep}`) && resolve(root, way) === path);
}

function reasonOf(error: unknown): string {
  if (error instanceof MockFault) return error.message;
  const code = error instanceof Error && "code" in error ? String(error.code) : String(error);
  return (
    { ENOENT: "is not there", EACCES: "may not be read", ELOOP: "is a link to itself", ENOTDIR: "is no folder" }[
      code
    ] ?? `cannot be read (${code})`
  );
}
