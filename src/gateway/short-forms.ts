// The short forms of the configuration as rules that run before every file's.
import { statSync } from "node:fs";
import { homedir } from "node:os";
import { resolve } from "node:path";
import { ConfigError } from "../config/error.ts";
import type { Config, ShortFormConfig } from "../config.ts";
import { showDiagnostic } from "../rules/diagnostics.ts";
import type { LoadedFile } from "../rules/parse.ts";
import { loadShortForms, SHORT_FORMS, type ShortFormFault, type TypedForm } from "../rules/shorthand.ts";

/** Undefined if there are none. Throws a ConfigError that names the option and shows the fault with its caret. */
export function rulesOfShortForms(
  forms: Config["shortForms"],
  env: (name: string) => string | undefined,
): LoadedFile | undefined {
  if (forms.length === 0) return undefined;
  const typed = forms.map(typedForm);
  const { file, faults } = loadShortForms(typed, { env });
  const fault = faults.find(({ diagnostic }) => diagnostic.severity === "error");
  if (fault !== undefined) throw asConfigError(fault, forms[typed.indexOf(fault.form)]);
  return file ?? undefined;
}

function typedForm({ option, text, folder }: ShortFormConfig): TypedForm {
  const kind = SHORT_FORMS.find(each => each === option);
  if (kind === undefined) throw new Error(`${option} is no short form`);
  return { kind, text, path: written => absolutePath(written, folder) };
}

/** A shell expands no tilde behind `=`; a folder is known by its last slash. */
function absolutePath(written: string, folder: string): string {
  const path = resolve(folder, written.replace(/^~(?=\/|$)/, homedir()));
  const isFolder = written.endsWith("/") || statSync(path, { throwIfNoEntry: false })?.isDirectory();
  return isFolder && !path.endsWith("/") ? `${path}/` : path;
}

function asConfigError({ form, diagnostic }: ShortFormFault, setting: ShortFormConfig | undefined): ConfigError {
  const { message, source, carets, expected } = showDiagnostic(diagnostic, form.text);
  const lines = source === "" ? [] : [`  ${source}`, `  ${carets}`];
  if (expected !== "") lines.push(`  expected ${expected}`);
  return new ConfigError(setting?.where ?? `--${form.kind}`, message, lines.join("\n"));
}
