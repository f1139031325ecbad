// The command line's short forms, each the same rule underneath: they become the text of a rule file.
import { stringify } from "yaml";

export type Shorthand =
  | { readonly kind: "map-local" | "map-remote"; readonly filter: string; readonly to: string }
  | { readonly kind: "set-header"; readonly filter: string; readonly name: string; readonly value: string }
  | { readonly kind: "remove-header"; readonly filter: string; readonly name: string }
  | { readonly kind: "block" | "no-cache" | "plain" | "cors"; readonly filter: string }
  | { readonly kind: "throttle"; readonly filter: string; readonly speed: string };

/** Splits `FILTER=VALUE` at the first `=` that no quotes hold; null if there is none. */
export function splitShorthand(text: string): { readonly filter: string; readonly value: string } | null {
  let quoted = false;
  let at = -1;
  for (let i = 0; i < text.length; i++) {
    if (text[i] === '"') quoted = !quoted;
    else if (text[i] === "=" && !quoted) {
      at = i;
      break;
    }
  }
  return at < 0 ? null : { filter: text.slice(0, at).trim() || "*", value: text.slice(at + 1) };
}

/** The rule file that short forms stand for; it is loaded like any other, so its faults are told the same way. */
export function shorthandFile(forms: readonly Shorthand[]): string {
  return stringify({
    rules: forms.map((form, i) => ({
      name: `--${form.kind}${forms.filter(each => each.kind === form.kind).length > 1 ? ` ${i + 1}` : ""}`,
      when: form.filter,
      ...actionsOf(form),
    })),
  });
}

function actionsOf(form: Shorthand): Record<string, unknown> {
  switch (form.kind) {
    case "map-local":
      return { answer: { file: form.to } };
    case "map-remote":
      return {
        request: { to: /[^/]\/[^/]/.test(form.to) ? form.to : `${form.to.replace(/\/$/, "")}\${path}\${query}` },
      };
    case "set-header":
      return { request: { headers: { set: { [form.name]: form.value } } } };
    case "remove-header":
      return { request: { headers: { remove: [form.name] } } };
    case "block":
      return { block: 403 };
    case "no-cache":
      return { request: { cache: "off" }, response: { cache: "off" } };
    case "plain":
      return { request: { acceptEncoding: "plain" } };
    case "cors":
      return { response: { cors: "allow" } };
    case "throttle":
      return {
        throttle:
          /^\d/.test(form.speed) && !/^4g$/i.test(form.speed) ? { down: form.speed, up: form.speed } : form.speed,
      };
  }
}
