/** Cells of the table below; beyond it what is left after the equal ends is told as a whole. 16 MB, and a tenth of a second. */
const CELLS_MAX = 4_000_000;

/**
 * What changed from one list of lines to another, each with "- " or "+ " before it and nothing around them: by the longest common
 * subsequence, as diff(1) does it.
 */
export function diffLines(before: readonly string[], after: readonly string[]): string[] {
  let start = 0;
  while (start < before.length && start < after.length && before[start] === after[start]) start++;
  let end = 0;
  while (
    end < before.length - start &&
    end < after.length - start &&
    before[before.length - 1 - end] === after[after.length - 1 - end]
  )
    end++;
  return diffMiddle(before.slice(start, before.length - end), after.slice(start, after.length - end));
}

function diffMiddle(before: readonly string[], after: readonly string[]): string[] {
  if (before.length * after.length > CELLS_MAX) return [...before.map(gone), ...after.map(come)];
  const width = after.length + 1;
  const longest = longestBelow(before, after, width);
  const out: string[] = [];
  let i = 0;
  let j = 0;
  while (i < before.length || j < after.length) {
    if (i < before.length && j < after.length && before[i] === after[j]) {
      i++;
      j++;
    } else if (
      i < before.length &&
      (j === after.length || longest[(i + 1) * width + j]! >= longest[i * width + j + 1]!)
    )
      out.push(gone(before[i++]!));
    else out.push(come(after[j++]!));
  }
  return out;
}

/** At i * width + j: how many lines `before` from i and `after` from j have in common, in order. */
function longestBelow(before: readonly string[], after: readonly string[], width: number): Uint32Array {
  const longest = new Uint32Array((before.length + 1) * width);
  for (let i = before.length - 1; i >= 0; i--) {
    for (let j = after.length - 1; j >= 0; j--) {
      longest[i * width + j] =
        before[i] === after[j]
          ? longest[(i + 1) * width + j + 1]! + 1
          : Math.max(longest[(i + 1) * width + j]!, longest[i * width + j + 1]!);
    }
  }
  return longest;
}

function gone(line: string): string {
  return `- ${line}`;
}

function come(line: string): string {
  return `+ ${line}`;
}
