import { navctlBin } from "./harness/cluster.js";
import { run } from "./harness/run.js";

it("a build knows from what and when it was made", async () => {
  const { stdout } = await run(process.execPath, [navctlBin, "version", "--client", "-o", "json"]);
  const { clientVersion } = JSON.parse(stdout);
  expect(clientVersion).toMatchObject({ major: "1", minor: "36" });
  expect(clientVersion.buildDate).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
  expect(Date.parse(clientVersion.buildDate)).toBeGreaterThan(Date.UTC(2020, 0, 1));
  if (clientVersion.gitTreeState !== "archive") expect(clientVersion.gitCommit).toMatch(/^[0-9a-f]{40}$/);
});
