// A script and all that it imports -> one JavaScript module, by esbuild.
import { dirname, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import type { BuildFailure, Message } from "esbuild";

export interface Bundle {
  readonly code: string;
  /** Files of the script's own, absolute: a change of one is a reason to bundle again. */
  readonly inputs: readonly string[];
}

/** Rejects with an Error of one line: FILE:LINE:COLUMN and what is wrong there. */
export async function bundleScript(file: string): Promise<Bundle> {
  // Loaded when the first script is: it takes 30 ms, and starts a program of its own.
  const { build } = await import("esbuild");
  try {
    const { outputFiles, metafile } = await build({
      entryPoints: [file],
      absWorkingDir: dirname(file),
      bundle: true,
      write: false,
      metafile: true,
      platform: "node",
      format: "esm",
      target: "node20",
      sourcemap: "inline",
      sourcesContent: false,
      logLevel: "silent",
      // A package in CommonJS asks for Node's modules by require.
      banner: {
        js: `import { createRequire as madeByWaylay } from "node:module"; const require = madeByWaylay(${JSON.stringify(pathToFileURL(file).href)});`,
      },
    });
    const inputs = Object.keys(metafile.inputs).filter(path => !path.includes("node_modules/"));
    return { code: outputFiles[0]!.text, inputs: inputs.map(path => resolve(dirname(file), path)) }; // one entry, one output
  } catch (error) {
    const first = isBuildFailure(error) ? error.errors[0] : undefined;
    throw first === undefined ? error : new Error(lineOf(file, first), { cause: error });
  }
}

function isBuildFailure(error: unknown): error is BuildFailure {
  return error instanceof Error && "errors" in error && Array.isArray(error.errors);
}

function lineOf(file: string, { text, location }: Message): string {
  if (location === null) return `${file}: ${text}`;
  return `${resolve(dirname(file), location.file)}:${location.line}:${location.column + 1}: ${text}`;
}
