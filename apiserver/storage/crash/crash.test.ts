import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { seededRandom } from "../../../base/random.js";
import { crashRounds } from "./rounds.js";

const rounds = 100;

it(`loses nothing that was acknowledged or seen in ${rounds} kills under load`, async () => {
  const dir = mkdtempSync(join(tmpdir(), "navarch-crash-"));
  const report = await crashRounds({ dir, rounds, random: seededRandom(Date.now()) });
  expect(report.rounds).toBe(rounds);
  // Proof that there was load, and that kills hit writes in flight.
  expect(report.acknowledged).toBeGreaterThan(rounds * 10);
  expect(report.unacknowledgedKept).toBeGreaterThan(0);
  rmSync(dir, { recursive: true });
}, 600_000);
