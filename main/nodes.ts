import { existsSync, mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { type Agent, startAgent } from "../agent/agent.js";
import type { ServiceProxy } from "../agent/network/service-proxy.js";
import { sharedViews } from "../agent/pod/pod-source.js";
import { sharedMountsWarning } from "../agent/runtime/process/process.js";
import type { Runtime } from "../agent/runtime/runtime.js";
import { simulatedNode } from "../agent/runtime/simulated/node.js";
import type { Renewals } from "../base/renewal.js";
import type { Pki } from "../base/tls.js";
import type { Client } from "../client/client.js";
import { createInformers } from "../client/informer/informers.js";
import { identities, nodeIdentity } from "./api-server.js";
import type { ClientFor, ComponentsOptions } from "./cluster.js";
import { holdIdentity } from "./held-identity.js";
import { nodeReady } from "./node-ready.js";
import { openRealRuntime } from "./open-runtime.js";
import { podSettings } from "./pod-flags.js";
import { gitVersion } from "./version.js";

export interface NodesOptions extends ComponentsOptions {
  readonly pki: Pki;
  readonly renewals: Renewals;
  readonly names: readonly string[];
  /** What pods are told of the API server. */
  readonly apiServer: { readonly host: string; readonly port: number };
  readonly clientFor: ClientFor;
  readonly proxy?: ServiceProxy;
}

export interface Nodes {
  /** Resolves when every node is Ready. */
  ready(): Promise<void>;
  /** Ends all pods within the grace, and the agents. */
  stop(graceMs: number): Promise<void>;
}

interface Started {
  readonly name: string;
  readonly client: Client;
  readonly agent: Agent;
  readonly runtime: Runtime;
}

/** Starts the nodes' agents: each under its own identity; simulated ones share their watches. */
export async function startNodes(options: NodesOptions): Promise<Nodes> {
  const { names } = options;
  warnOfOthers(names, options);
  const simulation = options.chosen.runtime === "simulated" ? await openSimulation(options) : undefined;
  const start = simulation?.start ?? ((name: string) => startReal(name, options));
  const started: Started[] = [];
  const startedMs = options.clock.now();
  for (const name of names) started.push(await start(name));
  if (started.some(({ runtime }) => runtime.features.isReal && !runtime.features.mounts))
    process.stderr.write(`warning: ${sharedMountsWarning}\n`);
  return {
    ready: async () => {
      await Promise.all(started.map(({ client, name }) => nodeReady(client, name, startedMs, options.clock, tell)));
    },
    stop: async (graceMs) => {
      const ends = await Promise.allSettled(started.map(({ agent }) => agent.stop({ endPods: true, graceMs })));
      ends.push(...(await Promise.allSettled(started.map(({ runtime }) => runtime.close()))));
      await simulation?.stop();
      // Whatever could not be ended, all others were.
      for (const end of ends) if (end.status === "rejected") throw end.reason;
    },
  };
}

/** Nodes of an earlier start whose pods nobody looks after now. */
function warnOfOthers(names: readonly string[], { dataDir, log }: NodesOptions): void {
  const dir = join(dataDir, "nodes");
  const others = existsSync(dir) ? readdirSync(dir).filter((name) => !names.includes(name)) : [];
  if (others.length === 0) return;
  const text = `${others.join(", ")} of an earlier start ${others.length === 1 ? "is" : "are"} not started: pods may still run there; start with more --nodes to take them up`;
  log.warn(text);
  process.stderr.write(`warning: ${text}\n`);
}

async function startReal(name: string, options: NodesOptions): Promise<Started> {
  const { dataDir, pki, renewals, apiServer, clientFor, clock, random, flags } = options;
  const log = options.log.with({ component: "agent", node: name });
  const dir = join(dataDir, "nodes", name);
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  let running: Agent | undefined;
  const [client, held, { runtime, nodeIP }] = await Promise.all([
    clientFor(name, nodeIdentity(name)),
    holdIdentity(renewals, {
      what: `the server of node ${name}`,
      obtain: () => pki.serving(`${name}-serving`, { name }),
      use: (identity) => running?.replaceIdentity(identity),
    }),
    openRealRuntime({
      ...{ chosen: options.chosen, dir, imagesDir: dataDir, clock, random, log },
      hide: [dataDir],
      allowHostAccess: flags.allowHostAccess,
    }),
  ]);
  const serving = held();
  const agent = await startAgent({
    nodeName: name,
    client,
    runtime,
    dataDir: dir,
    clock,
    random,
    log,
    version: gitVersion,
    serving: { cert: serving.certificate, key: serving.key, clientCa: pki.caCertificate },
    ...(nodeIP === undefined ? {} : { nodeIP }),
    apiServer,
    clusterCa: pki.caCertificate,
    ...(options.proxy ? { names: options.proxy.names } : {}),
    ...podSettings(flags, options.chosen),
  });
  running = agent;
  agent.replaceIdentity(held()); // it may have been renewed while the agent started
  return { name, client, agent, runtime };
}

async function openSimulation(options: NodesOptions) {
  const { clock, random, dataDir, clientFor } = options;
  const log = options.log.with({ component: "agent" });
  const informers = createInformers(await clientFor("admin", identities.admin), { clock, log, random });
  const viewOf = sharedViews(informers);
  return {
    async start(name: string): Promise<Started> {
      const node = simulatedNode({ clock, random });
      const view = viewOf(name);
      const client = await clientFor(undefined, nodeIdentity(name));
      const agent = await startAgent({
        nodeName: name,
        client,
        dataDir,
        clock,
        random,
        log,
        version: gitVersion,
        view,
        ...node,
      });
      return { name, client, agent, runtime: node.runtime };
    },
    stop: () => informers.stop(),
  };
}

const tell = (line: string): void => void process.stderr.write(`${line}\n`);
