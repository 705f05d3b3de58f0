import { join } from "node:path";
import type { Lifecycle } from "../base/lifecycle.js";
import { systemRandom } from "../base/random.js";
import { createRecorder, type Recorder } from "../client/events.js";
import { createInformers } from "../client/informer/informers.js";
import type { AgentOptions } from "./agent-options.js";
import { ImageCollector } from "./images/image-collector.js";
import { ImageManager } from "./images/image-manager.js";
import { PullRecords } from "./images/pull-records.js";
import { type NameSource, nameSource } from "./network/name-source.js";
import { hostFacts } from "./node/host.js";
import { NodeNetwork } from "./node/node-network.js";
import { nodeReference } from "./node/node-reference.js";
import { NodeReporter } from "./node/registration.js";
import { PodManager } from "./pod/pod-manager.js";
import { type NodeView, ownView } from "./pod/pod-source.js";
import { StaticPods } from "./pod/static/static-pods.js";
import { realProbes } from "./probes/probe.js";
import { defaultResourceSettings } from "./resources/node/settings.js";
import { NodeResources, podVolumePath } from "./resources/node-resources.js";
import { Volumes } from "./volumes/volumes.js";

/** What makes up one agent. */
export interface AgentParts {
  readonly view: NodeView;
  readonly staticPods: StaticPods | undefined;
  readonly recorder: Recorder;
  readonly network: NodeNetwork;
  readonly resources: NodeResources;
  readonly reporter: NodeReporter;
  readonly names: NameSource | undefined;
  readonly volumes: Volumes;
  readonly manager: PodManager;
  /** None where nothing is real. */
  readonly collector: ImageCollector | undefined;
}

/** What the parts cannot know of each other when they are made. */
export interface AgentDoor {
  /** Undefined until the server listens. */
  serverPort(): number | undefined;
  /** From then on pods may start. */
  readonly mayStart: Promise<void>;
}

/** Makes them and tells them of each other; nothing runs yet. What they hold open is given back by `lifecycle`. */
export async function makeParts(options: AgentOptions, lifecycle: Lifecycle, door: AgentDoor): Promise<AgentParts> {
  const { clock, log, nodeName, client, runtime, dataDir, random = systemRandom } = options;
  const { isReal } = runtime.features;
  const host = options.host ?? (await hostFacts(dataDir));
  const { view, staticPods, names } = await cluster(options, lifecycle);
  const recorder = createRecorder({ client, component: "kubelet", host: nodeName, clock, random, log, lifecycle });
  const network = new NodeNetwork(options);
  const records = new PullRecords(isReal ? join(dataDir, "pulled-images.json") : undefined, log);
  const changed = (): void => (isReal ? reporter.changed() : undefined);
  const collector = isReal
    ? new ImageCollector({
        ...{ runtime, clock, log, recorder, records, changed, ...options.imageGarbage },
        node: nodeReference(nodeName),
      })
    : undefined;
  const resources: NodeResources = new NodeResources({
    ...{ nodeName, host, runtime, clock, log, recorder, dataDir },
    settings: { ...defaultResourceSettings, ...options.resources },
    node: () => view.node(),
    manager: () => manager,
    volumePath: ({ metadata }, volume) => podVolumePath(dataDir, metadata.uid, volume),
    reclaimDisk: async () => void (await collector?.removeUnused()),
    ...(options.observe ? { observe: options.observe } : {}),
    changed: () => reporter.changed(),
  });
  const reporter = new NodeReporter({
    ...{ client, clock, log, nodeName, runtime, host, recorder },
    labels: options.labels ?? {},
    taints: options.taints ?? [],
    version: options.version,
    resources: () => resources,
    addresses: () => network.addresses,
    serverPort: door.serverPort,
    seen: () => view.node(),
    prepare: (node) => network.use(node),
  });
  const volumes = new Volumes({
    ...{ client, clock, runtime, nodeName },
    dir: join(dataDir, "pods"),
    hostIPs: () => network.addresses,
    allocatable: () => resources.allocatable,
    clusterCa: options.clusterCa,
    ...(names ? { names } : {}),
  });
  const images = new ImageManager({
    ...{ client, runtime, clock, records, changed },
    maxParallelPulls: options.maxParallelImagePulls,
  });
  const manager = new PodManager(
    {
      ...{ client, runtime, volumes, images, recorder, clock, log, nodeName },
      seccompDir: join(dataDir, "seccomp"),
      restartBackOffMaxMs: options.restartBackOffMaxMs,
      mayStart: door.mayStart,
      probes: options.probes ?? realProbes,
      apiServer: options.apiServer,
      facts: () => ({ hostIPs: network.addresses, runtimeName: runtime.name, features: runtime.features }),
      allocatable: () => resources.allocatable,
    },
    view,
    (pod, others) => resources.admit(pod, others),
  );
  return { view, staticPods, recorder, network, resources, reporter, names, volumes, manager, collector };
}

/** What the agent sees of the cluster, and of the host's own manifests. */
async function cluster(
  options: AgentOptions,
  lifecycle: Lifecycle,
): Promise<Pick<AgentParts, "view" | "staticPods" | "names">> {
  const { clock, log, nodeName, client, runtime, random = systemRandom, staticPodPath: path } = options;
  const { isReal } = runtime.features;
  const informers = createInformers(client, { clock, log, random });
  lifecycle.onStop(() => informers.stop());
  const seen = options.view ?? ownView(informers, nodeName);
  const own = !options.view && isReal ? nameSource({ informers, clock, slices: false }) : undefined;
  const staticPods =
    path !== undefined || isReal ? await StaticPods.open({ path, nodeName, client, clock, log }) : undefined;
  return { view: staticPods?.over(seen) ?? seen, staticPods, names: options.names ?? own };
}
