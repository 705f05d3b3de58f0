/** One slip in a short word, two in a longer one: `jobs` does not mean pods. */
export const closeMisspelling = (word: string): number => (word.length <= 5 ? 1 : 2);

/** The candidates that a misspelt word most likely means, nearest first; the earlier of two as near. */
export function suggestionsFor(
  word: string,
  candidates: readonly string[],
  maximum = 3,
  limit = word.length <= 3 ? 1 : 2,
): string[] {
  return [...new Set(candidates)]
    .map((candidate) => ({ candidate, distance: editDistance(word.toLowerCase(), candidate.toLowerCase(), limit) }))
    .filter(({ distance }) => distance <= limit)
    .sort((a, b) => a.distance - b.distance)
    .slice(0, maximum)
    .map(({ candidate }) => candidate);
}

/** Commands that a word may mean: those that it begins, and near ones, however short it is. */
export function commandsLike(word: string, commands: readonly string[]): string[] {
  const begun = word === "" ? [] : commands.filter((command) => command.startsWith(word.toLowerCase()));
  return [...new Set([...begun, ...suggestionsFor(word, commands, commands.length, commandMisspelling)])];
}

const commandMisspelling = 2;

/** Insertions, deletions, replacements and swaps of neighbours; `limit + 1` stands for anything more. */
export function editDistance(from: string, to: string, limit: number): number {
  if (Math.abs(from.length - to.length) > limit) return limit + 1;
  let beforeLast: number[] = [];
  let last = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (let i = 1; i <= from.length; i++) {
    const row = [i];
    for (let j = 1; j <= to.length; j++) {
      const cost = from[i - 1] === to[j - 1] ? 0 : 1;
      let best = Math.min((last[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1, (last[j - 1] ?? 0) + cost);
      if (i > 1 && j > 1 && from[i - 1] === to[j - 2] && from[i - 2] === to[j - 1]) {
        best = Math.min(best, (beforeLast[j - 2] ?? 0) + 1);
      }
      row.push(best);
    }
    beforeLast = last;
    last = row;
  }
  return last[to.length] ?? limit + 1;
}
