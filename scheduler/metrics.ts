import type { Metrics } from "../base/metrics.js";
import type { SchedulingQueue } from "./queue.js";

/** What dashboards read of the scheduler. */
export interface SchedulerMeter {
  attempt(result: "scheduled" | "unschedulable" | "error", tookMs: number): void;
  follow(queue: SchedulingQueue): void;
}

export function schedulerMeter(metrics: Metrics, profile: string): SchedulerMeter {
  const attempts = metrics.counter("scheduler_schedule_attempts_total", "Attempts to schedule a pod, by result.", [
    "result",
    "profile",
  ]);
  const seconds = metrics.histogram(
    "scheduler_scheduling_attempt_duration_seconds",
    "Time of an attempt, deciding and binding together.",
    ["result", "profile"],
    [0.001, 0.002, 0.004, 0.008, 0.016, 0.032, 0.064, 0.128, 0.256, 0.512, 1.024, 2.048, 4.096, 8.192, 16.384],
  );
  return {
    attempt(result, tookMs) {
      attempts.add(1, result, profile);
      seconds.observe(tookMs / 1000, result, profile);
    },
    follow(queue) {
      metrics.derived("scheduler_pending_pods", "Pods that wait to be scheduled, by queue.", ["queue"], () =>
        Object.entries(queue.counts).map(([name, count]) => [count, name] as const),
      );
    },
  };
}
