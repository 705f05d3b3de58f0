import { mkdirSync } from "node:fs";
import { Lifecycle } from "../base/lifecycle.js";
import type { Identity } from "../base/tls.js";
import type { AgentOptions } from "./agent-options.js";
import { keepLease } from "./node/lease.js";
import { type AgentParts, makeParts } from "./parts.js";
import { type AgentServer, startServer } from "./server/server.js";
import { within } from "./within.js";

export interface Agent {
  /** The server's port, once the node has its address. */
  readonly port: number | undefined;
  /** The server shows another certificate from the next connection on. */
  replaceIdentity(identity: Identity): void;
  /** With `endPods` ends the pods first, within the grace (at most 10 s); without, they run on. */
  stop(options?: { readonly endPods?: boolean; readonly graceMs?: number }): Promise<void>;
}

/** Runs one node: registers it, says that it lives, and looks after the pods bound to it. Resolves at once. */
export async function startAgent(options: AgentOptions): Promise<Agent> {
  const { log, nodeName, runtime, dataDir } = options;
  if (runtime.features.isReal) mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  const lifecycle = new Lifecycle((name, error) =>
    log.error("part of the agent failed", {
      node: nodeName,
      part: name,
      error: error instanceof Error ? (error.stack ?? error.message) : String(error),
    }),
  );
  let server: AgentServer | undefined;
  let renewed: Identity | undefined;
  let admitPods = (): void => {};
  const mayStart = new Promise<void>((resolve) => {
    admitPods = resolve;
  });
  const parts = await makeParts(options, lifecycle, { serverPort: () => server?.port, mayStart });
  runNode(options, parts, lifecycle);
  lifecycle.run("pods", async (signal) => {
    const { view, manager, network, reporter, resources } = parts;
    await view.synced(signal);
    if (signal.aborted) return;
    const ended = manager.start();
    await network.ready(view, signal);
    if (signal.aborted) return;
    server = await serve(options, parts);
    if (renewed) server?.replaceIdentity(renewed);
    reporter.changed();
    await ended;
    admitPods();
    lifecycle.run("eviction", (evicting) => resources.run(evicting));
    if (runtime.features.isReal) await keepFilesFresh(options, parts, signal);
  });
  let stopped: Promise<void> | undefined;
  return {
    get port() {
      return server?.port;
    },
    replaceIdentity(identity) {
      renewed = identity;
      server?.replaceIdentity(identity);
    },
    stop({ endPods = false, graceMs = endGraceMs } = {}) {
      stopped ??= (async () => {
        await endNode(options, parts, endPods ? graceMs : undefined);
        await lifecycle.stop();
        await server?.close();
      })();
      return stopped;
    },
  };
}

/** The node's own life, whatever its pods do. */
function runNode(options: AgentOptions, parts: AgentParts, lifecycle: Lifecycle): void {
  const { client, clock, log, nodeName, runtime } = options;
  const { view, reporter, names, volumes, manager, staticPods, collector } = parts;
  lifecycle.onStop(runtime.onReadiness?.(() => reporter.changed()) ?? (() => {}));
  lifecycle.onStop(view.onNode(() => reporter.changed()));
  if (names)
    lifecycle.onStop(
      names.onChange(() => {
        volumes
          .refreshNames(manager.pods())
          .catch((error: unknown) =>
            log.warn("names of Services not brought up to date in all pods", { error: String(error) }),
          );
      }),
    );
  if (staticPods) lifecycle.run("static pods", (signal) => staticPods.run(signal));
  lifecycle.run("node status", (signal) => reporter.run(signal));
  lifecycle.run("node lease", (signal) =>
    keepLease({ client, clock, log, nodeName, nodeUid: () => reporter.uid }, signal),
  );
  if (collector) lifecycle.run("image garbage collection", (signal) => collector.run(signal));
}

async function serve(options: AgentOptions, parts: AgentParts): Promise<AgentServer | undefined> {
  const { client, clock, log, nodeName, runtime, serving } = options;
  const { network, manager, resources } = parts;
  if (!serving) return undefined;
  return startServer({
    ...{ serving, runtime, clock, log },
    host: serving.host ?? network.addresses[0] ?? "127.0.0.1",
    pods: () => manager.pods(),
    reviews: { client, nodeName },
    stats: { nodeName, sampler: resources.sampler },
  });
}

async function keepFilesFresh(options: AgentOptions, { manager }: AgentParts, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    await options.clock.sleep(options.syncFrequencyMs ?? refreshEveryMs, signal);
    await manager.refresh(signal);
  }
}

/** Without a grace the pods run on. */
async function endNode(options: AgentOptions, parts: AgentParts, graceMs: number | undefined): Promise<void> {
  const { clock, log } = options;
  const { resources, manager, volumes, recorder } = parts;
  const hasEnded = await resources.shutDown();
  await manager.stop(graceMs);
  if (graceMs !== undefined)
    await volumes
      .giveBackMemory()
      .catch((error: unknown) => log.warn("memory of volumes not given back", { error: String(error) }));
  if (graceMs !== undefined || hasEnded) await within(clock, flushMaxMs, recorder.flushed());
}

const refreshEveryMs = 60_000;
const endGraceMs = 10_000;
const flushMaxMs = 500;
