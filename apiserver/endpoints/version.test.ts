import { versionInfo } from "./version.js";

/** What clients read: the numbers, a semantic version, a time without fractions, and no field that is missing. */
it("/version has every field, in the form that clients parse", () => {
  const info = versionInfo("1.2.3");
  expect(info).toMatchObject({
    major: "1",
    minor: "36",
    emulationMajor: "1",
    emulationMinor: "36",
    minCompatibilityMajor: "1",
    minCompatibilityMinor: "35",
    gitVersion: "v1.36.0+navarch.1.2.3",
    gitTreeState: expect.stringMatching(/^(clean|dirty|archive)$/),
    gitCommit: expect.stringMatching(/^([0-9a-f]{40})?$/),
    buildDate: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
    platform: expect.stringMatching(/^[a-z0-9]+\/[a-z0-9]+$/),
  });
  expect(Object.values(info).filter((value) => typeof value !== "string")).toEqual([]);
  expect(info.goVersion).toBe(`node${process.versions.node}`);
});
