import type { Clock } from "../../base/clock.js";
import type { Logger } from "../../base/log.js";
import type { Metrics } from "../../base/metrics.js";
import type { TokenKeys } from "../authn/service-account-token.js";
import type { Descriptions } from "../openapi/definitions.js";
import type { Api } from "./api.js";
import { discoveryEndpoints } from "./discovery.js";
import { type HealthCheck, healthEndpoints } from "./health.js";
import { metricsEndpoint } from "./metrics.js";
import { openApiEndpoints } from "./openapi.js";
import { openIdEndpoints } from "./openid.js";
import type { PathEndpoint } from "./paths.js";
import { versionEndpoint, versionInfo } from "./version.js";

export interface PathOptions {
  readonly api: Api;
  readonly keys: TokenKeys;
  readonly metrics: Metrics;
  readonly log: Logger;
  readonly clock: Clock;
  /** Our own version. */
  readonly version: string;
  /** What is written of kinds and fields, read when OpenAPI is first asked for. */
  readonly descriptions: () => Promise<Descriptions>;
  /** What changes while the server runs. */
  readonly state: {
    readonly shuttingDown: boolean;
    readonly bootstrapped: boolean;
    /** `host:port` */
    readonly address: string;
  };
}

/** Every path outside the resources: the only list. */
export function pathEndpoints({
  api,
  keys,
  metrics,
  log,
  clock,
  version,
  state,
  descriptions,
}: PathOptions): readonly PathEndpoint[] {
  const livez: readonly HealthCheck[] = [
    { name: "ping", check: () => {} },
    { name: "etcd", check: (signal) => api.healthCheck(signal) },
  ];
  const readyz: readonly HealthCheck[] = [
    ...livez,
    { name: "poststarthook/bootstrap", check: () => assertState(state.bootstrapped, "not finished") },
    { name: "shutdown", check: () => assertState(!state.shuttingDown, "shutting down") },
  ];
  const onUnhealthy = (path: string, failed: readonly string[]): void => log.warn("unhealthy", { path, failed });
  const info = versionInfo(version);
  return [
    ...discoveryEndpoints(api.definitions, () => state.address),
    ...healthEndpoints({ livez, readyz }, clock, onUnhealthy),
    versionEndpoint(info),
    metricsEndpoint(metrics),
    ...openIdEndpoints(keys, () => `https://${state.address}`),
    ...openApiEndpoints(api.definitions, { version: info.gitVersion, descriptions }),
  ];
}

function assertState(good: boolean, otherwise: string): void {
  if (!good) throw new Error(otherwise);
}
