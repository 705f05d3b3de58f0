import type { Probe } from "../../api/core/pod/probe.js";
import { count, noTally } from "./tally.js";

const probe: Probe = { successThreshold: 2, failureThreshold: 3, periodSeconds: 10, timeoutSeconds: 1 };
const verdicts = (outcomes: string): string => {
  let tally = noTally;
  return [...outcomes]
    .map((outcome) => {
      tally = count(tally, outcome === "s" ? "success" : "failure", probe);
      return tally.verdict.charAt(0);
    })
    .join("");
};

it.each([
  ["ss", "us"],
  ["fff", "uuf"],
  ["ssffs", "ussss"],
  ["ssfff", "usssf"],
  ["fffsfss", "uuffffs"],
  ["sfsfsf", "uuuuuu"],
])("outcomes %s in turn give verdicts %s", (outcomes, expected) => {
  expect(verdicts(outcomes)).toBe(expected);
});
