import type { Lifecycle } from "../base/lifecycle.js";
import type { Client } from "../client/client.js";
import { createRecorder } from "../client/events.js";
import { createInformers } from "../client/informer/informers.js";
import { allControllers, type ControllerOptions } from "../controllers/catalogue.js";
import { runControllers } from "../controllers/framework/run-controllers.js";
import { startScheduler } from "../scheduler/scheduler.js";
import type { Surroundings } from "./api-server.js";

/** Runs the scheduler over this client until the lifecycle ends. */
export function schedule(client: Client, { clock, random, log: parent }: Surroundings, lifecycle: Lifecycle): void {
  const log = parent.with({ component: "scheduler" });
  const informers = createInformers(client, { clock, log, random });
  lifecycle.onStop(() => informers.stop());
  const events = createRecorder({ client, component: "default-scheduler", clock, random, log, lifecycle });
  startScheduler({ client, informers, events, clock, random, log }, lifecycle);
}

/** Runs every controller over this client until the lifecycle ends. */
export function control(
  client: Client,
  options: ControllerOptions,
  { clock, random, log: parent }: Surroundings,
  lifecycle: Lifecycle,
): void {
  const log = parent.with({ component: "controllers" });
  const informers = createInformers(client, { clock, log, random });
  lifecycle.onStop(() => informers.stop());
  runControllers(allControllers(options), { client, informers, clock, random, log }, lifecycle);
}
