import type { Lifecycle } from "../base/lifecycle.js";
import type { Metrics } from "../base/metrics.js";
import type { Client } from "../client/client.js";
import { createRecorder } from "../client/events.js";
import { createInformers } from "../client/informer/informers.js";
import { allControllers, type ControllerOptions } from "../controllers/catalogue.js";
import type { ControllerContext } from "../controllers/framework/controller.js";
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
  { clock, random, metrics, log: parent }: Surroundings & { readonly metrics?: Metrics },
  lifecycle: Lifecycle,
): void {
  const log = parent.with({ component: "controllers" });
  const informers = createInformers(client, { clock, log, random });
  lifecycle.onStop(() => informers.stop());
  const onOutcome = metrics && outcomeCounter(metrics);
  const context = { client, informers, clock, random, log, ...(onOutcome ? { onOutcome } : {}) };
  runControllers(allControllers(options), context, lifecycle);
}

function outcomeCounter(metrics: Metrics): NonNullable<ControllerContext["onOutcome"]> {
  const outcomes = metrics.counter("navarch_controller_reconcile_total", "Keys worked on.", ["controller", "outcome"]);
  const seconds = metrics.histogram(
    "workqueue_work_duration_seconds",
    "Time to work on a key.",
    ["name"],
    [0.001, 0.01, 0.1, 1, 10],
  );
  return (controller, outcome, durationMs) => {
    outcomes.add(1, controller, outcome);
    seconds.observe(durationMs / 1000, controller);
  };
}
