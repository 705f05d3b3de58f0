import { join } from "node:path";
import { run as runProgram } from "../e2e/harness/run.js";
import { navctlBin, quickstart, startUp, withDir } from "./kit/cluster.js";
import { machine, numberOf, spread } from "./kit/figures.js";

/** Wall time of `navctl` commands as a shell sees it, process start included. */
export async function run(args: readonly string[]): Promise<void> {
  const rounds = numberOf(args, "rounds", 21);
  console.log(machine());
  await withDir(async (dir) => {
    const up = startUp({ dataDir: join(dir, "data"), flags: ["--runtime", "simulated", "--apply", quickstart] });
    try {
      await up.ready;
      for (const command of [
        ["get", "pods"],
        ["get", "pods", "-o", "wide"],
        ["get", "deployment", "my-app", "-o", "yaml"],
      ]) {
        const times: number[] = [];
        for (let n = 0; n <= rounds; n++) {
          const started = performance.now();
          const { code, stderr } = await runProgram(process.execPath, [
            navctlBin,
            "--kubeconfig",
            up.kubeconfig,
            ...command,
          ]);
          if (code !== 0) throw new Error(`navctl ${command.join(" ")}: exit ${code}\n${stderr}`);
          // The first one fills the caches.
          if (n > 0) times.push(performance.now() - started);
        }
        console.log(`navctl ${command.join(" ")}: median of ${rounds}: ${spread(times, "ms")}`);
      }
      const bare: number[] = [];
      for (let n = 0; n < rounds; n++) {
        const started = performance.now();
        await runProgram(process.execPath, ["-e", "0"]);
        bare.push(performance.now() - started);
      }
      console.log(`node -e 0, for comparison: ${spread(bare, "ms")}`);
    } finally {
      await up.stop();
    }
  });
}
