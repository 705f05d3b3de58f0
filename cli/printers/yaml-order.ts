/** The order of keys in kubectl's YAML: letters after all else, numbers within names by what they amount to. */
export function compareYamlKeys(a: string, b: string): number {
  const [left, right] = [[...a], [...b]];
  const at = left.findIndex((character, index) => character !== right[index]);
  if (at < 0) return left.length - right.length;
  const [one, other] = [left[at] ?? "", right[at]];
  if (other === undefined) return 1;
  const [isLetter, otherIsLetter] = [letter.test(one), letter.test(other)];
  if (isLetter !== otherIsLetter) return isLetter ? 1 : -1;
  if (!isLetter) {
    const [number, otherNumber] = [digitsAround(left, at), digitsAround(right, at)];
    const [value, otherValue] = [number.replace(/^0+/, ""), otherNumber.replace(/^0+/, "")];
    const by = value.length - otherValue.length || compareText(value, otherValue) || number.length - otherNumber.length;
    if (by !== 0) return by;
  }
  return (one.codePointAt(0) ?? 0) - (other.codePointAt(0) ?? 0);
}

/** The number that goes through this place, as it is written; empty for none. */
function digitsAround(text: readonly string[], at: number): string {
  let from = at;
  while (from > 0 && digit.test(text[from - 1] ?? "")) from--;
  let to = at;
  while (digit.test(text[to] ?? "")) to++;
  return text.slice(from, to).join("");
}

const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
const letter = /^\p{L}$/u;
const digit = /^[0-9]$/;
