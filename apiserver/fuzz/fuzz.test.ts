import { openApiKit } from "../endpoints/api.test-kit.js";
import { fuzz } from "./rounds.test-kit.js";
import { patches, readers, requests } from "./targets.test-kit.js";

const runs = 150;

describe("what comes from strangers is refused or taken, within bounds of time", () => {
  it.each([...readers, ...patches].map((target) => [target.name, target] as const))("%s", async (_name, target) => {
    await fuzz(target, runs);
  });

  it("requests", async () => {
    const kit = await openApiKit();
    await fuzz(requests(kit), runs);
    await kit.close();
  });

  it("finds a stall and a crash where there is one", async () => {
    const [first] = readers;
    const input = first?.input;
    if (!input) throw new Error("no target");
    const crash = () => {
      throw new TypeError("crash");
    };
    const stall = () => {
      const endMs = performance.now() + 120;
      while (performance.now() < endMs);
    };
    await expect(fuzz({ name: "crash", input, run: crash }, 1)).rejects.toMatchObject({ cause: { message: "crash" } });
    await expect(fuzz({ name: "stall", input, run: stall }, 1)).rejects.toMatchObject({
      cause: { message: expect.stringMatching(/^took \d+ ms$/) },
    });
  });
});
