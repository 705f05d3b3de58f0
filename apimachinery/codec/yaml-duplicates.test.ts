import { readYaml } from "./yaml.js";

it.each([
  ["a: 1\na: 2\nb: {c: 1, c: 2}\nb: 3\n", ['line 2: key "a"', 'line 3: key "c"', 'line 4: key "b"']],
  ['- {"x": 1, y: [1, 2], x: 2}\n- {y: {x: 1}, x: 2}\n', ['line 1: key "x"']],
  ["a: &one {b: 1}\nc: *one\nd: 1\n---\na: 1\na: 2\n", ['line 6: key "a"']],
  ["1: a\n0x1: b\n", ['line 2: key "0x1"']],
])("%j has its keys again in %j", (text, lines) => {
  expect(readYaml(text).duplicateKeys).toEqual(lines.map((line) => `${line} already set in map`));
});
