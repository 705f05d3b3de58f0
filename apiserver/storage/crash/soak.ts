import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { seededRandom } from "../../../base/random.js";
import { crashRounds } from "./rounds.js";

const defaultRounds = 10_000;
const reportEveryRounds = 100;

/** The long form of the crash test. Arguments: number of rounds, seed. */
export async function run(args: readonly string[] = []): Promise<void> {
  const rounds = Number(args[0] ?? defaultRounds);
  const seed = Number(args[1] ?? Date.now() % 2 ** 31);
  const dir = mkdtempSync(join(tmpdir(), "navarch-crash-"));
  console.log(`${rounds} rounds, seed ${seed}, in ${dir}`);
  const report = await crashRounds({
    dir,
    rounds,
    random: seededRandom(seed),
    onRound: (round, { acknowledged, unacknowledgedKept }) => {
      if ((round + 1) % reportEveryRounds === 0)
        console.log(
          `${round + 1} rounds: ${acknowledged} writes acknowledged, ${unacknowledgedKept} more were on disk`,
        );
    },
  });
  console.log(`passed: ${report.rounds} kills, ${report.acknowledged} acknowledged writes, none lost`);
  rmSync(dir, { recursive: true });
}
