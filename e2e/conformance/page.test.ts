import { join } from "node:path";
import { run } from "../harness/run.js";

it("docs/conformance.md says what the tests cover", async () => {
  const script = join(__dirname, "..", "..", "scripts", "conformance.mjs");
  expect(await run(process.execPath, [script, "--check"])).toEqual({ code: 0, stdout: "", stderr: "" });
});
