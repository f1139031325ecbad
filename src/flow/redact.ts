// Secrets taken out of what is shown to others: by the names that carry them, and by the look of the few kinds that have one. What is left tells that
// something was there.
import { mediaType } from "./decode/charset.ts";
import type { Field } from "./model.ts";

export const REDACTED = "[redacted]";

/** Names of fields, parameters and JSON members whose values are secrets. */
const SECRET_NAME =
  /^(.*[-_.])?(authorization|auth|pass(word|wd|phrase|code)?|pwd|secret|.*_secret|client[-_]?secret|token|.*token|api[-_]?key|apikey|access[-_]?key|private[-_]?key|signature|sig|session([-_]?id)?|sid|jwt|otp|pin|cvv|credential(s)?|csrf|xsrf|code[-_]verifier|client[-_]assertion|saml(request|response))$/i;

/** Exact names that are secrets though they do not look it. */
const SECRET_EXACT = new Set(["cookie", "set-cookie", "code", "state", "key", "x-amz-credential", "x-goog-credential"]);

/** JWTs, keys in PEM, credentials of Authorization wherever they are repeated, and tokens whose makers gave them a prefix. */
const SECRET_LOOK =
  /\beyJ[\w-]{8,}\.eyJ[\w-]{8,}\.[\w-]*|-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)|\b[Bb]earer +(?!realm|scope|error|charset)[\w.~+/-]{4,}=*|\b[Bb]asic +[A-Za-z0-9+/]{8,}={1,2}|\b(?:gh[pousr]_\w{20,}|github_pat_\w{20,}|xox[abeprs]-[\w-]{10,}|sk-[\w-]{20,}|[sr]k_(?:live|test)_\w{10,}|AKIA[0-9A-Z]{16}|AIza[\w-]{35}|glpat-[\w-]{20,}|npm_\w{30,})\b/g;

export function isSecretName(name: string): boolean {
  return SECRET_EXACT.has(name.toLowerCase()) || SECRET_NAME.test(name);
}

/** A header field: cookies keep their names, Authorization its scheme. */
export function redactField([name, value]: Field): Field {
  switch (name.toLowerCase()) {
    case "cookie":
      return [name, value.replace(/=[^;]*/g, `=${REDACTED}`)];
    case "set-cookie":
      return [name, value.replace(/^([^=;]*)=[^;]*/, `$1=${REDACTED}`)];
    case "authorization":
    case "proxy-authorization":
      return [name, value.replace(/^(\S+)(\s+).+$/s, `$1$2${REDACTED}`).replace(/^\S+$/, REDACTED)];
    case "referer":
    case "location":
    case "content-location":
      return [name, redactUrl(value)];
    default:
      return [name, isSecretName(name) ? REDACTED : redactLooks(value)];
  }
}

/** Credentials and secret parameters of a URL, or of a path with a query. */
export function redactUrl(url: string): string {
  const withoutUser = url.replace(/^([a-z][\w+.-]*:\/\/)[^/?#@]*@/i, `$1${REDACTED}@`);
  const at = withoutUser.search(/[?#]/);
  if (at < 0) return redactLooks(withoutUser);
  return redactLooks(withoutUser.slice(0, at)) + redactForm(withoutUser.slice(at));
}

/** A text body, by its type as far as that helps: what is no JSON may still hold some. */
export function redactText(text: string, contentType: string | null): string {
  const formed = mediaType(contentType) === "application/x-www-form-urlencoded" ? redactForm(text) : text;
  return redactLooks(redactMembers(formed));
}

function redactForm(text: string): string {
  return redactLooks(
    text.replace(/([?&#;]|^)([^=&#;?]+)=([^&#;]*)/g, (pair: string, before: string, name: string) =>
      isSecretName(decoded(name)) ? `${before}${name}=${REDACTED}` : pair,
    ),
  );
}

/** `"name": "value"`, numbers too, without parsing: bodies come cut short, in lines, or inside of other things. */
function redactMembers(text: string): string {
  return text.replace(
    /"((?:[^"\\]|\\.){1,100})"(\s*:\s*)("(?:[^"\\]|\\.)*"?|-?\d[\w.+-]*)/g,
    (member: string, name: string, colon: string) => (isSecretName(name) ? `"${name}"${colon}"${REDACTED}"` : member),
  );
}

function redactLooks(text: string): string {
  return text.replace(SECRET_LOOK, REDACTED);
}

function decoded(name: string): string {
  try {
    return decodeURIComponent(name.replaceAll("+", " "));
  } catch {
    return name;
  }
}
