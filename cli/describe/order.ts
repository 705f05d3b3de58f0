/** By name. */
export const canonicalOrder = (names: Iterable<string>): readonly string[] =>
  [...names].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
