/** The smallest value that at least the share `q` of them do not exceed (nearest rank); null of none. `sorted` ascending. */
export function quantile(sorted: ArrayLike<number>, q: number): number | null {
  if (sorted.length === 0) return null;
  return sorted[Math.max(0, Math.ceil(q * sorted.length) - 1)]!; // within the list for q in [0, 1]
}
