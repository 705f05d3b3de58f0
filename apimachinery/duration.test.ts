import fc from "fast-check";
import { ageOf, formatDuration, humanDuration, parseDuration, shortHumanDuration } from "./duration.js";

const [second, minute, hour, day] = [1e3, 60e3, 3600e3, 86_400e3] as const;

describe("durations", () => {
  it.each([
    [-2 * second, "<invalid>"],
    [-1 * second, "0s"],
    [0, "0s"],
    [119 * second, "119s"],
    [2 * minute, "2m"],
    [5 * minute + 3 * second, "5m3s"],
    [10 * minute + 3 * second, "10m"],
    [179 * minute, "179m"],
    [3 * hour, "3h"],
    [3 * hour + 5 * minute, "3h5m"],
    [8 * hour + 5 * minute, "8h"],
    [47 * hour, "47h"],
    [2 * day, "2d"],
    [2 * day + 3 * hour, "2d3h"],
    [8 * day + 3 * hour, "8d"],
    [729 * day, "729d"],
    [730 * day, "2y"],
    [731 * day, "2y1d"],
    [3000 * day, "8y"],
  ])("%d ms is %s to people", (ms, text) => {
    expect(humanDuration(ms)).toBe(text);
  });

  it("has a shorter form of one figure", () => {
    expect([59, 60, 3600, 86_400, 400 * 86_400].map((s) => shortHumanDuration(s * second))).toEqual([
      "59s",
      "1m",
      "1h",
      "1d",
      "1y",
    ]);
  });

  it("tells an age, or that there is none", () => {
    expect(ageOf("2030-01-01T00:00:00Z", Date.UTC(2030, 0, 1, 0, 5, 3))).toBe("5m3s");
    expect(ageOf(undefined, 0)).toBe("<unknown>");
    expect(ageOf("never", 0)).toBe("<unknown>");
  });

  it.each([
    ["1h30m", 90 * minute],
    ["1.5s", 1500],
    ["-300ms", -300],
    ["0", 0],
    ["1m0.5s", 60_500],
    ["2us", 0.002],
    [".5h", 30 * minute],
  ])("reads %s", (text, ms) => {
    expect(parseDuration(text)).toEqual({ ms });
  });

  it.each([
    ["", 'time: invalid duration ""'],
    ["abc", 'time: invalid duration "abc"'],
    ["10", 'time: missing unit in duration "10"'],
    ["1d", 'time: unknown unit "d" in duration "1d"'],
    ["1.s.", 'time: invalid duration "1.s."'],
    ["999999999999h", 'time: invalid duration "999999999999h"'],
  ])("refuses %p", (text, error) => {
    expect(parseDuration(text)).toEqual({ error });
  });

  it.each([
    [0, "0s"],
    [300, "300ms"],
    [1500, "1.5s"],
    [60_000, "1m0s"],
    [90 * minute, "1h30m0s"],
    [-2000, "-2s"],
    [0.002, "2µs"],
  ])("writes %d ms as %s", (ms, text) => {
    expect(formatDuration(ms)).toBe(text);
  });

  it("reads what it writes", () => {
    fc.assert(
      fc.property(fc.integer({ min: -1e11, max: 1e11 }), (ms) => {
        const read = parseDuration(formatDuration(ms));
        expect("ms" in read ? read.ms : Number.NaN).toBeCloseTo(ms, 3);
      }),
    );
  });
});
