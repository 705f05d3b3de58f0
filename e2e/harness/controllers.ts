import { Lifecycle } from "../../base/lifecycle.js";
import { type Logger, silentLog } from "../../base/log.js";
import { seededRandom } from "../../base/random.js";
import type { VirtualClock } from "../../base/virtual-clock.js";
import type { Client } from "../../client/client.js";
import { createInformers, type Informers } from "../../client/informer/informers.js";
import type { Controller, ControllerContext } from "../../controllers/framework/controller.js";
import { runControllers } from "../../controllers/framework/run-controllers.js";
import { type MemoryApi, openMemoryApi } from "./memory-api.js";

/** Controllers at work on the real registry, on a clock that the test moves. */
export interface Workshop extends MemoryApi {
  readonly clock: VirtualClock;
  readonly informers: Informers;
  /** Moves time on in small steps until the condition holds; throws after `limitMs` of it. */
  until(what: string, condition: () => Promise<boolean>, limitMs?: number): Promise<void>;
  stop(): Promise<void>;
}

export interface WorkshopOptions {
  readonly log?: Logger;
  readonly onOutcome?: NonNullable<ControllerContext["onOutcome"]>;
  /** Between the controllers and the server. */
  readonly through?: (client: Client) => Client;
}

export async function openWorkshop(
  clock: VirtualClock,
  controllers: readonly Controller[],
  options: WorkshopOptions = {},
): Promise<Workshop> {
  const memory = await openMemoryApi({ clock });
  const random = seededRandom(7);
  const { log = silentLog, onOutcome, through = (direct) => direct } = options;
  const client = through(memory.client);
  const informers = createInformers(client, { clock, log, random });
  const failures: unknown[] = [];
  const lifecycle = new Lifecycle((name, error) => failures.push(`${name}: ${String(error)}`));
  const context = { client, informers, clock, random, log, ...(onOutcome ? { onOutcome } : {}) };
  runControllers(controllers, context, lifecycle);
  return {
    ...memory,
    clock,
    informers,
    async until(what, condition, limitMs = 120_000) {
      for (let passedMs = 0; !(await condition()); passedMs += stepMs) {
        if (failures.length > 0) throw new Error(`a task failed: ${failures.join(", ")}`);
        if (passedMs > limitMs) throw new Error(`not within ${limitMs} ms: ${what}`);
        await clock.advance(stepMs);
      }
    },
    async stop() {
      await lifecycle.stop();
      await informers.stop();
      await memory.close();
    },
  };
}

const stepMs = 50;
