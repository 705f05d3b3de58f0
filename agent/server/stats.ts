import type { IncomingMessage, ServerResponse } from "node:http";
import { resourceMetrics } from "../resources/stats/resource-metrics.js";
import type { Sampler } from "../resources/stats/sampler.js";
import { summaryOf } from "../resources/stats/summary.js";
import { HttpProblem } from "./problem.js";

export interface StatsOptions {
  readonly nodeName: string;
  readonly sampler: Sampler;
}

/** /stats/summary and /metrics/resource; undefined where the path is another. */
export function statsHandler(
  { nodeName, sampler }: StatsOptions,
  path: string,
): ((request: IncomingMessage, response: ServerResponse) => Promise<void>) | undefined {
  if (path === "stats/summary")
    return async (request, response) => {
      const query = new URLSearchParams((request.url ?? "").split("?")[1] ?? "");
      const sample = await sampler.sample();
      const onlyCpuAndMemory = flag(query, "only_cpu_and_memory");
      response.setHeader("content-type", "application/json");
      response.end(JSON.stringify(summaryOf(sample, { nodeName, before: sampler.before, onlyCpuAndMemory })));
    };
  if (path === "metrics/resource")
    return async (_request, response) => {
      const text = resourceMetrics(await sampler.sample());
      response.setHeader("content-type", "text/plain; version=0.0.4; charset=utf-8");
      response.end(text);
    };
  return undefined;
}

function flag(query: URLSearchParams, name: string): boolean {
  const text = query.get(name) ?? "false";
  if (!["true", "false", "1", "0"].includes(text)) throw new HttpProblem(400, `${name} is neither true nor false`);
  return text === "true" || text === "1";
}
