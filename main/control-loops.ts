import type { Lifecycle } from "../base/lifecycle.js";
import type { Metrics } from "../base/metrics.js";
import type { Client } from "../client/client.js";
import { createRecorder } from "../client/events.js";
import { createInformers } from "../client/informer/informers.js";
import { allControllers, type ControllerOptions } from "../controllers/catalogue.js";
import type { ControllerContext } from "../controllers/framework/controller.js";
import { runControllers } from "../controllers/framework/run-controllers.js";
import { schedulerMeter } from "../scheduler/metrics.js";
import { startScheduler } from "../scheduler/scheduler.js";
import type { Surroundings } from "./api-server.js";

/** Runs the scheduler over this client until the lifecycle ends. */
export function schedule(
  client: Client,
  { clock, random, metrics, log: parent }: Surroundings & { readonly metrics?: Metrics },
  lifecycle: Lifecycle,
): void {
  const log = parent.with({ component: "scheduler" });
  const informers = createInformers(client, { clock, log, random });
  lifecycle.onStop(() => informers.stop());
  const events = createRecorder({ client, component: "default-scheduler", clock, random, log, lifecycle });
  const meter = metrics && schedulerMeter(metrics, "default-scheduler");
  startScheduler({ client, informers, events, clock, random, log, ...(meter ? { meter } : {}) }, lifecycle);
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
  const meters = metrics ? { onOutcome: outcomeCounter(metrics), queueObserver: queueCounters(metrics) } : {};
  const context = { client, informers, clock, random, log, ...meters };
  runControllers(allControllers(options), context, lifecycle);
}

function outcomeCounter(metrics: Metrics): NonNullable<ControllerContext["onOutcome"]> {
  const outcomes = metrics.counter("navarch_controller_reconcile_total", "Keys worked on.", ["controller", "outcome"]);
  const seconds = metrics.histogram(
    "workqueue_work_duration_seconds",
    "Time to work on a key.",
    ["name"],
    queueBuckets,
  );
  return (controller, outcome, durationMs) => {
    outcomes.add(1, controller, outcome);
    seconds.observe(durationMs / 1000, controller);
  };
}

const queueBuckets = [1e-8, 1e-7, 1e-6, 1e-5, 1e-4, 0.001, 0.01, 0.1, 1, 10];

function queueCounters(metrics: Metrics): NonNullable<ControllerContext["queueObserver"]> {
  const depth = metrics.gauge("workqueue_depth", "Keys that wait to be worked on.", ["name"]);
  const adds = metrics.counter("workqueue_adds_total", "Keys that were added.", ["name"]);
  const retries = metrics.counter("workqueue_retries_total", "Keys that were added again after a failure.", ["name"]);
  const waited = metrics.histogram(
    "workqueue_queue_duration_seconds",
    "Time that a key waits to be worked on.",
    ["name"],
    queueBuckets,
  );
  return (name) => ({
    added(length) {
      adds.add(1, name);
      depth.set(length, name);
    },
    taken(waitedMs, length) {
      waited.observe(waitedMs / 1000, name);
      depth.set(length, name);
    },
    retried: () => retries.add(1, name),
  });
}
