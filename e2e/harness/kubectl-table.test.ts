import { forVersion, holdsFor, matches, words } from "./kubectl-table.js";

it.each([
  ["NAME  AGE\nweb  <age>\n", "NAME     AGE \nweb      3m12s\n", true],
  ["NAME  AGE\nweb  <age>\n", "NAME     AGE\nweb      soon\n", false],
  ["Labels:  <none>\n", "Labels:\t\t<none>\n", true],
  ["a: (1.5|2)\n", "a: (1.5|2)\n", true],
  ["a.b\n", "axb\n", false],
  ["  deep: 1\n", "deep: 1\n", false],
  ["first\n<any>last\n", "first\n1\n2\nlast\n", true],
  ["pod/<text> created\n", "pod/a created\npod/b created\n", false],
  ["", "something\n", false],
])("%j is matched by %j: %s", (expected, actual, verdict) => {
  expect(matches(expected, actual)).toBe(verdict);
});

it.each([
  [undefined, 20, true],
  [">=1.30", 29, false],
  [">=1.30", 30, true],
  [">=1.22 <1.30", 30, false],
])("%s holds for 1.%d: %s", (range, minor, verdict) => {
  expect(holdsFor(range, minor)).toBe(verdict);
});

it("splits words as a shell does", () => {
  expect(words(`get pods  -o=jsonpath='{.a} {.b}' -l "a in (b)" ""`)).toEqual([
    "get",
    "pods",
    "-o=jsonpath={.a} {.b}",
    "-l",
    "a in (b)",
    "",
  ]);
});

it("keeps the lines of a version", () => {
  const text = "[<1.30] old\n[>=1.30]\n[>=1.27 <1.32]   between\nall [<1.30]\n[web] x\n";
  expect(forVersion(text, 20)).toBe("old\nall [<1.30]\n[web] x\n");
  expect(forVersion(text, 31)).toBe("\n  between\nall [<1.30]\n[web] x\n");
});
