import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { systemClock } from "../base/clock.js";
import { chooseRuntime, rememberRuntime } from "./runtime-choice.js";

describe("the choice of a runtime", () => {
  let dir: string;
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), "choice-"));
  });
  afterEach(() => rmSync(dir, { recursive: true, force: true }));
  const nowhere = (): string => join(dir, "no.sock");

  it("is processes where no runtime answers, and says why", async () => {
    const { runtime, why } = await chooseRuntime({ runtime: "auto", criSocket: nowhere() }, dir, systemClock);
    expect(runtime).toBe("process");
    expect(why).toMatch(process.getuid?.() === 0 ? /there is no socket .*no\.sock/ : /containers need/);
  });

  it("stays what it was in a data directory, though the runtime does not answer just now", async () => {
    if (process.getuid?.() !== 0) return;
    rememberRuntime({ runtime: "cri", socket: nowhere(), why: "" }, dir);
    for (const named of [{}, { criSocket: nowhere() }]) {
      const chosen = await chooseRuntime({ runtime: "auto", ...named }, dir, systemClock);
      expect(chosen).toMatchObject({ runtime: "cri", socket: nowhere() });
      expect(chosen.why).toContain("as before");
      expect(chosen.why).toContain(`there is no socket ${nowhere()}: the node is ready once it answers`);
    }
  });

  it("refuses a socket that has no meaning", async () => {
    await expect(
      chooseRuntime({ runtime: "process", containerRuntimeEndpoint: "/x.sock" }, dir, systemClock),
    ).rejects.toThrow("goes with --runtime cri or auto");
    await expect(chooseRuntime({ runtime: "auto", criSocket: "x.sock" }, dir, systemClock)).rejects.toThrow(
      "absolute path",
    );
  });
});
