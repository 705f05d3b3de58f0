import type { Metrics } from "../../base/metrics.js";
import { type PathEndpoint, textAnswer } from "./paths.js";

/** The process's numbers in Prometheus' text form. */
export const metricsEndpoint = (metrics: Metrics): PathEndpoint => ({
  path: "/metrics",
  async handle() {
    const { contentType, text } = await metrics.expose();
    return textAnswer(200, text, contentType);
  },
});
