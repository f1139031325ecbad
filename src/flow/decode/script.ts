// CSS and JavaScript with a statement a line. Light: it knows strings, comments and brackets, nothing of the grammar, and changes nothing but
// white space. What a person wrote in lines already is left as it is.

/** A longer line on average means that a machine took the line ends out. */
const MINIFIED_LINE = 150;
const MAX_DEPTH = 64;

export function prettyCss(text: string): string {
  return isMinified(text) ? breakLines(text, CSS) : text;
}

export function prettyScript(text: string): string {
  return isMinified(text) ? breakLines(text, SCRIPT) : text;
}

function isMinified(text: string): boolean {
  let lines = 1;
  for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) lines++;
  return text.length / lines > MINIFIED_LINE;
}

interface Language {
  /** A token that is kept whole begins here; answers where it ends, or -1. `before` is the last character that counts. */
  whole(text: string, at: number, before: string): number;
}

const CSS: Language = {
  whole(text, at) {
    if (text.startsWith("/*", at)) return behind(text, "*/", at + 2);
    const char = text[at];
    if (char === '"' || char === "'") return quoteEnd(text, at);
    // An unquoted URL may hold semicolons: url(data:image/png;base64,…).
    if (char === "(") return behind(text, ")", at);
    return -1;
  },
};

const SCRIPT: Language = {
  whole(text, at, before) {
    if (text.startsWith("/*", at)) return behind(text, "*/", at + 2);
    if (text.startsWith("//", at)) return lineEnd(text, at);
    const char = text[at];
    if (char === '"' || char === "'") return quoteEnd(text, at);
    if (char === "`") return templateEnd(text, at);
    // A slash begins a regular expression where an operand would stand: not behind a name, a number or a closing bracket.
    if (char === "/" && !/[\w$)\]}"'`]/.test(before)) return regexEnd(text, at);
    return -1;
  },
};

function breakLines(text: string, language: Language): string {
  const out: string[] = [];
  let line = "";
  let depth = 0;
  let parentheses = 0;
  let before = "";
  const flush = (): void => {
    const trimmed = line.trim();
    if (trimmed !== "") out.push("  ".repeat(Math.min(depth, MAX_DEPTH)) + trimmed);
    line = "";
  };
  for (let at = 0; at < text.length; ) {
    const end = language.whole(text, at, before);
    if (end >= 0) {
      line += text.slice(at, end);
      before = text[end - 1]!;
      // A line comment goes to the end of its line.
      if (text.startsWith("//", at)) flush();
      at = end;
      continue;
    }
    const char = text[at++]!;
    if (char === "\n") {
      flush();
      continue;
    }
    if (char === "}") {
      flush();
      depth = Math.max(0, depth - 1);
    }
    line += char;
    if (char.trim() !== "") before = char;
    if (char === "(") parentheses++;
    else if (char === ")") parentheses = Math.max(0, parentheses - 1);
    else if (char === "{") {
      flush();
      depth++;
    } else if (char === "}") {
      if (!/[,;).]/.test(text[at] ?? "")) flush();
    } else if (char === ";" && parentheses === 0) flush();
  }
  flush();
  return out.join("\n");
}

function behind(text: string, close: string, from: number): number {
  const end = text.indexOf(close, from);
  return end < 0 ? text.length : end + close.length;
}

function lineEnd(text: string, at: number): number {
  const end = text.indexOf("\n", at);
  return end < 0 ? text.length : end;
}

function quoteEnd(text: string, at: number): number {
  const quote = text[at];
  for (let i = at + 1; i < text.length; i++) {
    if (text[i] === "\\") i++;
    else if (text[i] === quote || text[i] === "\n") return i + 1;
  }
  return text.length;
}

/** Templates nest: `${ … }` holds code, and that other templates. */
function templateEnd(text: string, at: number): number {
  let depth = 0;
  for (let i = at + 1; i < text.length; i++) {
    if (text[i] === "\\") i++;
    else if (text[i] === "$" && text[i + 1] === "{") {
      depth++;
      i++;
    } else if (text[i] === "}" && depth > 0) depth--;
    else if (text[i] === "`" && depth === 0) return i + 1;
  }
  return text.length;
}

/** Longer ones are rare, and looking for the end of each slash of a hostile line would take forever. */
const MAX_REGEX = 2000;

/** -1 if it does not end on its line: it was a division. */
function regexEnd(text: string, at: number): number {
  let inClass = false;
  const end = Math.min(text.length, at + MAX_REGEX);
  for (let i = at + 1; i < end && text[i] !== "\n"; i++) {
    const char = text[i];
    if (char === "\\") i++;
    else if (char === "[") inClass = true;
    else if (char === "]") inClass = false;
    else if (char === "/" && !inClass) return i + 1;
  }
  return -1;
}
