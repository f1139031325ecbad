// `-status:200` is a filter term, not an option. commander knows no such thing, so those arguments are marked before
// it sees them, and the mark is taken off again where filters are read.

const MARK = "\u0001";

/** A minus, a key of at least two characters, a colon: no option of ours looks like that. */
const TERM = /^-[a-z][\w.-]+:/i;

export function hideFilterTerms(args: readonly string[]): string[] {
  const end = args.indexOf("--");
  return args.map((arg, index) => (TERM.test(arg) && (end < 0 || index < end) ? MARK + arg : arg));
}

/** One argument as it was typed. */
export function unhide(arg: string): string {
  return arg.startsWith(MARK) ? arg.slice(MARK.length) : arg;
}

/** The arguments of a command as one filter text. */
export function filterText(args: readonly string[]): string {
  return args.map(unhide).join(" ");
}
