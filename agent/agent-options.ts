import type { Taint } from "../api/core/node/taint.js";
import type { Clock } from "../base/clock.js";
import type { Logger } from "../base/log.js";
import type { Random } from "../base/random.js";
import type { Client } from "../client/client.js";
import type { ImageCollectorOptions } from "./images/image-collector.js";
import type { NameSource } from "./network/name-source.js";
import type { HostFacts } from "./node/host.js";
import type { NodeView } from "./pod/pod-source.js";
import type { ProbeRunner } from "./probes/probe.js";
import type { Observation } from "./resources/eviction/threshold.js";
import type { ResourceSettings } from "./resources/node/settings.js";
import type { Runtime } from "./runtime/runtime.js";
import type { ServingOptions } from "./server/server.js";

export interface AgentOptions {
  readonly nodeName: string;
  readonly client: Client;
  readonly runtime: Runtime;
  /** This node's own directory; pods' volumes lie below it. */
  readonly dataDir: string;
  readonly clock: Clock;
  readonly random?: Random;
  readonly log: Logger;
  /** As /version reports it. */
  readonly version: string;
  /** Without it the node serves no logs and no exec. */
  readonly serving?: ServingOptions;
  /** The node's address; the first of its podCIDR unless said. */
  readonly nodeIP?: string;
  /** What pods are told of the API server. */
  readonly apiServer?: { readonly host: string; readonly port: number };
  /** PEM. */
  readonly clusterCa?: string;
  /** What pods' hosts files say of Services; the informers of the agent's own identity tell unless said. */
  readonly names?: NameSource;
  /** A folder of manifests of pods that run whatever the API server says, or one such manifest. */
  readonly staticPodPath?: string;
  /** How often files made from objects are brought up to date; a minute unless said. */
  readonly syncFrequencyMs?: number;
  readonly labels?: Readonly<Record<string, string>>;
  readonly taints?: readonly Taint[];
  /** How long a container that fails again and again is held back at most; 5 minutes unless said. */
  readonly restartBackOffMaxMs?: number;
  readonly maxParallelImagePulls?: number;
  readonly imageGarbage?: Pick<ImageCollectorOptions, "policy" | "diskUse" | "everyMs">;
  /** What the agent sees of the cluster; watches of its own unless said. Many nodes in one process share theirs. */
  readonly view?: NodeView;
  /** A simulation brings these three. */
  readonly probes?: ProbeRunner;
  readonly host?: HostFacts;
  readonly observe?: () => Promise<readonly Observation[]>;
  /** What is kept back from pods, when they are evicted, how they end with the node; the kubelet's defaults unless said. */
  readonly resources?: Partial<ResourceSettings>;
}
