import { systemClock } from "../../base/clock.js";
import { openApiKit } from "../endpoints/api.test-kit.js";
import { fuzz } from "./rounds.test-kit.js";
import { patches, readers, requests } from "./targets.test-kit.js";

const defaultRuns = 20_000;
const heapGrowthMaxMb = 200;

/** The long form of the fuzz tests. Arguments: runs of each target, seed. */
export async function run(args: readonly string[] = []): Promise<void> {
  const runs = Number(args[0] ?? defaultRuns);
  const seed = Number(args[1] ?? systemClock.now() % 2 ** 31);
  console.log(`${runs} runs of each target, seed ${seed}`);
  const kit = await openApiKit();
  const heapAtStart = process.memoryUsage().heapUsed;
  try {
    for (const target of [...readers, ...patches, requests(kit)]) {
      const { longestMs } = await fuzz(target, runs, seed);
      const grownMb = (process.memoryUsage().heapUsed - heapAtStart) / 1024 / 1024;
      console.log(
        `${target.name}: longest ${longestMs.toFixed(1)} ms, heap ${grownMb.toFixed(0)} MB more than at start`,
      );
      if (grownMb > heapGrowthMaxMb) throw new Error(`${target.name} keeps memory`);
    }
  } finally {
    await kit.close();
  }
  console.log("passed");
}
