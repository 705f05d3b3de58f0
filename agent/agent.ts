import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { Taint } from "../api/core/node/taint.js";
import type { Clock } from "../base/clock.js";
import { Lifecycle } from "../base/lifecycle.js";
import type { Logger } from "../base/log.js";
import { type Random, systemRandom } from "../base/random.js";
import type { Client } from "../client/client.js";
import { createRecorder } from "../client/events.js";
import { createInformers } from "../client/informer/informers.js";
import { ImageCollector, type ImageCollectorOptions } from "./images/image-collector.js";
import { ImageManager } from "./images/image-manager.js";
import { PullRecords } from "./images/pull-records.js";
import { type NameSource, nameSource } from "./network/name-source.js";
import { type HostFacts, hostFacts } from "./node/host.js";
import { keepLease } from "./node/lease.js";
import { NodeNetwork } from "./node/node-network.js";
import { nodeReference } from "./node/node-reference.js";
import { NodeReporter } from "./node/registration.js";
import { PodManager } from "./pod/pod-manager.js";
import { type NodeView, ownView } from "./pod/pod-source.js";
import { StaticPods } from "./pod/static/static-pods.js";
import { type ProbeRunner, realProbes } from "./probes/probe.js";
import type { Observation } from "./resources/eviction/threshold.js";
import { defaultResourceSettings, type ResourceSettings } from "./resources/node/settings.js";
import { NodeResources, podVolumePath } from "./resources/node-resources.js";
import type { Runtime } from "./runtime/runtime.js";
import { type AgentServer, type ServingOptions, startServer } from "./server/server.js";
import { Volumes } from "./volumes/volumes.js";
import { within } from "./within.js";

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

export interface Agent {
  /** The server's port, once the node has its address. */
  readonly port: number | undefined;
  /** With `endPods` ends the pods first, within the grace (at most 10 s); without, they run on. */
  stop(options?: { readonly endPods?: boolean; readonly graceMs?: number }): Promise<void>;
}

/** Runs one node: registers it, says that it lives, and looks after the pods bound to it. Resolves at once. */
export async function startAgent(options: AgentOptions): Promise<Agent> {
  const { clock, log, nodeName, client, runtime, dataDir, random = systemRandom } = options;
  if (runtime.features.isReal) mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  const lifecycle = new Lifecycle((name, error) =>
    log.error("part of the agent failed", {
      node: nodeName,
      part: name,
      error: error instanceof Error ? (error.stack ?? error.message) : String(error),
    }),
  );
  const host = options.host ?? (await hostFacts(dataDir));
  let collector: ImageCollector | undefined;
  const informers = options.view ? undefined : createInformers(client, { clock, log, random });
  const seen = options.view ?? ownView(informers ?? createInformers(client, { clock, log, random }), nodeName);
  const { staticPodPath: path } = options;
  const hasStatic = path !== undefined || runtime.features.isReal;
  const staticPods = hasStatic ? await StaticPods.open({ path, nodeName, client, clock, log }) : undefined;
  const view = staticPods?.over(seen) ?? seen;
  if (informers) lifecycle.onStop(() => informers.stop());
  const recorder = createRecorder({ client, component: "kubelet", host: nodeName, clock, random, log, lifecycle });
  const network = new NodeNetwork(options);
  const resources = new NodeResources({
    ...{ nodeName, host, runtime, clock, log, recorder, dataDir },
    settings: { ...defaultResourceSettings, ...options.resources },
    node: () => view.node(),
    manager: () => manager,
    volumePath: ({ metadata }, volume) => podVolumePath(dataDir, metadata.uid, volume),
    reclaimDisk: async () => void (await collector?.removeUnused()),
    ...(options.observe ? { observe: options.observe } : {}),
    changed: () => reporter.changed(),
  });
  let server: AgentServer | undefined;
  const reporter = new NodeReporter({
    client,
    clock,
    log,
    nodeName,
    runtime,
    host,
    labels: options.labels ?? {},
    taints: options.taints ?? [],
    version: options.version,
    recorder,
    resources: () => resources,
    addresses: () => network.addresses,
    serverPort: () => server?.port,
    seen: () => view.node(),
    prepare: (node) => network.use(node),
  });
  lifecycle.onStop(runtime.onReadiness?.(() => reporter.changed()) ?? (() => {}));
  lifecycle.onStop(view.onNode(() => reporter.changed()));
  let admitPods = (): void => {};
  const mayStart = new Promise<void>((resolve) => {
    admitPods = resolve;
  });
  const own = informers && runtime.features.isReal ? { informers, clock, slices: false } : undefined;
  const names = options.names ?? (own && nameSource(own));
  const volumes = new Volumes({
    client,
    clock,
    runtime,
    dir: join(dataDir, "pods"),
    nodeName,
    hostIPs: () => network.addresses,
    allocatable: () => resources.allocatable,
    clusterCa: options.clusterCa,
    ...(names ? { names } : {}),
  });
  const changed = (): void => (runtime.features.isReal ? reporter.changed() : undefined);
  const records = new PullRecords(runtime.features.isReal ? join(dataDir, "pulled-images.json") : undefined, log);
  const manager = new PodManager(
    {
      client,
      runtime,
      volumes,
      images: new ImageManager({
        client,
        runtime,
        clock,
        records,
        changed,
        maxParallelPulls: options.maxParallelImagePulls,
      }),
      recorder,
      clock,
      log,
      nodeName,
      seccompDir: join(dataDir, "seccomp"),
      mayStart,
      probes: options.probes ?? realProbes,
      apiServer: options.apiServer,
      facts: () => ({ hostIPs: network.addresses, runtimeName: runtime.name }),
      allocatable: () => resources.allocatable,
    },
    view,
    (pod, others) => resources.admit(pod, others),
  );
  if (names) lifecycle.onStop(names.onChange(() => volumes.refreshNames(manager.pods())));
  if (staticPods) lifecycle.run("static pods", (signal) => staticPods.run(signal));
  lifecycle.run("node status", (signal) => reporter.run(signal));
  lifecycle.run("node lease", (signal) =>
    keepLease({ client, clock, log, nodeName, nodeUid: () => reporter.uid }, signal),
  );
  if (runtime.features.isReal) {
    const images = new ImageCollector({
      ...{ runtime, clock, log, recorder, records, changed, ...options.imageGarbage },
      node: nodeReference(nodeName),
    });
    collector = images;
    lifecycle.run("image garbage collection", (signal) => images.run(signal));
  }
  lifecycle.run("pods", async (signal) => {
    await view.synced(signal);
    if (signal.aborted) return;
    const ended = manager.start();
    await network.ready(view, signal);
    if (signal.aborted) return;
    if (options.serving)
      server = await startServer({
        serving: options.serving,
        host: options.serving.host ?? network.addresses[0] ?? "127.0.0.1",
        runtime,
        clock,
        log,
        pods: () => manager.pods(),
        reviews: { client, nodeName },
        stats: { nodeName, sampler: resources.sampler },
      });
    reporter.changed();
    await ended;
    admitPods();
    lifecycle.run("eviction", (evicting) => resources.run(evicting));
    if (!runtime.features.isReal) return;
    while (!signal.aborted) {
      await clock.sleep(options.syncFrequencyMs ?? refreshEveryMs, signal);
      await manager.refresh(signal);
    }
  });
  let stopped: Promise<void> | undefined;
  return {
    get port() {
      return server?.port;
    },
    stop({ endPods = false, graceMs = endGraceMs } = {}) {
      stopped ??= (async () => {
        const hasEnded = await resources.shutDown();
        await manager.stop(endPods ? graceMs : undefined);
        if (endPods)
          await volumes
            .giveBackMemory()
            .catch((error: unknown) => log.warn("memory of volumes not given back", { error: String(error) }));
        if (endPods || hasEnded) await within(clock, flushMaxMs, recorder.flushed());
        await lifecycle.stop();
        await server?.close();
      })();
      return stopped;
    },
  };
}

const refreshEveryMs = 60_000;
const endGraceMs = 10_000;
const flushMaxMs = 500;
