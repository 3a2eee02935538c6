/** The name that somebody may have meant, or undefined when none is near: two slips of the hand, one in a short word. */
export function nearName(word: string, names: readonly string[]): string | undefined {
  const slipsMax = word.length > 4 ? 2 : 1;
  const near = names
    .map((name) => ({ name, slips: slipsBetween(word.toLowerCase(), name.toLowerCase(), slipsMax) }))
    .filter(({ slips }) => slips <= slipsMax)
    .sort((a, b) => a.slips - b.slips);
  return near[0]?.name;
}

/**
 * Letters left out, put in, exchanged, or swapped with the next (optimal string alignment). A word that is longer or shorter by more than
 * `max` is not looked at, so the cost is bounded by the name.
 */
function slipsBetween(word: string, name: string, max: number): number {
  if (Math.abs(word.length - name.length) > max) return max + 1;
  const rows: number[][] = [Array.from({ length: name.length + 1 }, (_, j) => j)];
  for (let i = 1; i <= word.length; i++) {
    const row = [i];
    const above = rows[i - 1] ?? [];
    for (let j = 1; j <= name.length; j++) {
      const exchanged = (above[j - 1] ?? 0) + (word[i - 1] === name[j - 1] ? 0 : 1);
      const isSwap = i > 1 && j > 1 && word[i - 1] === name[j - 2] && word[i - 2] === name[j - 1];
      const swapped = isSwap ? (rows[i - 2]?.[j - 2] ?? 0) + 1 : Number.POSITIVE_INFINITY;
      row.push(Math.min(exchanged, swapped, (above[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1));
    }
    rows.push(row);
  }
  return rows[word.length]?.[name.length] ?? max + 1;
}
