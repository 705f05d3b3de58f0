import { readdirSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { isIP } from "node:net";
import { hostname } from "node:os";
import { dirname, join, resolve } from "node:path";
import { type Agent, startAgent } from "../agent/agent.js";
import { reachOf } from "../agent/network/reach.js";
import { startServiceProxy } from "../agent/network/service-proxy.js";
import { simulatedNode } from "../agent/runtime/simulated/node.js";
import { assert } from "../base/assert.js";
import { systemClock } from "../base/clock.js";
import { lockDir } from "../base/dir-lock.js";
import { Lifecycle } from "../base/lifecycle.js";
import { createLog } from "../base/log.js";
import { createMetrics, type Metrics } from "../base/metrics.js";
import { systemRandom } from "../base/random.js";
import { Renewals } from "../base/renewal.js";
import type { Identity } from "../base/tls.js";
import type { Client } from "../client/client.js";
import { connect, loadConnection } from "../client/kubeconfig.js";
import { runLeaderElection } from "../client/leader-election.js";
import { meteredTransport, transportMeter } from "../client/metered-transport.js";
import { createClient } from "../client/rest.js";
import { loopbackRanges } from "./addresses.js";
import {
  clusterPki,
  identities,
  nodeIdentity,
  openApiServer,
  type ServingFlags,
  type Surroundings,
} from "./api-server.js";
import { type ComponentServerFlags, openComponentServer } from "./component-server.js";
import { control, schedule } from "./control-loops.js";
import { holdIdentity } from "./held-identity.js";
import { keepKubeconfig } from "./kept-kubeconfig.js";
import { logLevel } from "./log-level.js";
import { openRealRuntime } from "./open-runtime.js";
import { type PodFlags, podSettings } from "./pod-flags.js";
import { followKubeconfig, readIdentity } from "./renewed-files.js";
import { chooseRuntime, type RuntimeFlags, rememberRuntime } from "./runtime-choice.js";
import { openStore, type StoreFlags } from "./store.js";
import { userAgentOf } from "./user-agent.js";
import { explain, UserError } from "./user-error.js";
import { gitVersion } from "./version.js";

export interface ApiServerFlags extends StoreFlags, ServingFlags {
  readonly certDir?: string;
  readonly issueNode: readonly string[];
  readonly v: number;
}

/** The API server alone; its certificate folder holds a kubeconfig for every other component. */
export async function apiServer(flags: ApiServerFlags): Promise<void> {
  const dataDir = resolve(flags.dataDir);
  const certDir = resolve(flags.certDir ?? join(dataDir, "pki"));
  await untilSignal(async (lifecycle, fail) => {
    lifecycle.onStop(lockDir(dataDir));
    const surroundings = {
      ...system,
      log: createLog({ level: logLevel(flags.v), file: join(dataDir, "apiserver.log") }),
    };
    const given = loopbackRanges(flags.loopbackCidr);
    const ranges = { ...given, services: flags.serviceClusterIpRange ?? given.services };
    const pki = await clusterPki(certDir, flags, ranges, system.clock);
    const storage = await openStore(flags, { dataDir, ...surroundings, onFatal: fail });
    lifecycle.onStop(() => storage.close());
    const renewals = new Renewals(surroundings);
    const server = await openApiServer({ flags, ranges, pki, storage, renewals }, surroundings);
    lifecycle.onStop(() => server.close(graceMs));
    lifecycle.onStop(() => renewals.stop());
    const issuer = { url: server.url, pki, renewals };
    await keepKubeconfig(join(dataDir, "kubeconfig"), "admin", issuer);
    for (const name of ["scheduler", "controller-manager", "kube-proxy"] as const)
      await keepKubeconfig(join(dataDir, `${name}.kubeconfig`), name, issuer, identities[name]);
    for (const name of flags.issueNode) {
      await keepKubeconfig(join(dataDir, `${name}.kubeconfig`), name, issuer, nodeIdentity(name));
      await holdIdentity(renewals, {
        what: `the server of node ${name}`,
        obtain: () => pki.serving(`${name}-serving`, { name }),
      });
    }
    await server.ready();
    process.stdout.write(`ready: ${server.url} (kubeconfig ${join(flags.dataDir, "kubeconfig")})\n`);
  });
}

export interface ClientFlags {
  readonly kubeconfig: string;
  readonly logFile?: string;
  readonly v: number;
}

/** The scheduler alone, leading or waiting to lead. */
export const scheduler = (flags: ClientFlags & ComponentServerFlags): Promise<void> =>
  lead(flags, "kube-scheduler", (client, surroundings, lifecycle) => schedule(client, surroundings, lifecycle));

export interface ControllersFlags extends ClientFlags, ComponentServerFlags {
  readonly nodeMonitorGracePeriod?: number;
  readonly clusterCidr: string;
  readonly rootCaFile?: string;
}

/** The controllers alone, leading or waiting to lead. */
export async function controllers(flags: ControllersFlags): Promise<void> {
  const { nodeMonitorGracePeriod: nodeMonitorGracePeriodMs, clusterCidr: podCidr, rootCaFile } = flags;
  const rootCaCertificate = rootCaFile ? await readFile(rootCaFile, "utf8") : undefined;
  const settings = {
    podCidr,
    ...(nodeMonitorGracePeriodMs === undefined ? {} : { nodeMonitorGracePeriodMs }),
    ...(rootCaCertificate ? { rootCaCertificate } : {}),
  };
  await lead(flags, "kube-controller-manager", (client, surroundings, lifecycle) =>
    control(client, settings, surroundings, lifecycle),
  );
}

export interface AgentFlags extends ClientFlags, PodFlags, RuntimeFlags {
  readonly hostnameOverride: string;
  readonly rootDir: string;
  readonly tlsCertFile?: string;
  readonly tlsPrivateKeyFile?: string;
  readonly clientCaFile?: string;
  readonly port: number;
  readonly nodeIp?: string;
  readonly allowHostAccess: boolean;
}

/** One node. SIGTERM leaves its pods running. */
export async function agent(flags: AgentFlags): Promise<void> {
  const dir = resolve(flags.rootDir);
  const name = flags.hostnameOverride;
  await untilSignal(async (lifecycle) => {
    lifecycle.onStop(lockDir(dir));
    const { client, surroundings, connection, renewals } = await reach(flags, nodeIdentity(name), lifecycle);
    const { clock, random, log } = surroundings;
    const chosen = await chooseRuntime(flags, dir, clock);
    process.stdout.write(`${chosen.why}\n`);
    rememberRuntime(chosen, dir);
    const simulation = chosen.runtime === "simulated" ? simulatedNode({ clock, random }) : undefined;
    const real = simulation
      ? undefined
      : await openRealRuntime({
          ...{ chosen, dir, imagesDir: dir, clock, random, log },
          hide: secretsOf(flags, dir),
          allowHostAccess: flags.allowHostAccess,
        });
    const runtime = simulation?.runtime ?? real?.runtime;
    assert(runtime, "a runtime is simulated or real");
    const nodeIP = flags.nodeIp ?? real?.nodeIP;
    if (nodeIP !== undefined && isIP(nodeIP) === 0) throw new UserError(`--node-ip ${nodeIP} is not an IP address`);
    lifecycle.onStop(() => runtime.close());
    let running: Agent | undefined;
    let renewed: Identity | undefined;
    const serving = await servingOf(flags, renewals, (identity) => {
      renewed = identity;
      running?.replaceIdentity(identity);
    });
    const { hostname: host, port } = new URL(connection.server);
    const started = await startAgent({
      nodeName: name,
      client,
      dataDir: dir,
      clock,
      random,
      log,
      version: gitVersion,
      ...(nodeIP === undefined ? {} : { nodeIP }),
      apiServer: { host, port: Number(port || 443) },
      ...(connection.tls.ca ? { clusterCa: String(connection.tls.ca) } : {}),
      ...(serving ? { serving } : {}),
      ...podSettings(flags, chosen),
      ...simulation,
      runtime,
    });
    running = started;
    if (renewed) started.replaceIdentity(renewed);
    lifecycle.onStop(() => started.stop());
    process.stdout.write(`agent of node ${name} started\n`);
  });
}

export interface ProxyFlags extends ClientFlags {
  readonly hostnameOverride: readonly string[];
  readonly nodeportAddresses: readonly string[];
  readonly serviceClusterIpRange: string;
}

/** The Service proxy of one host alone. */
export async function proxy(flags: ProxyFlags): Promise<void> {
  const strange = flags.nodeportAddresses.find((address) => isIP(address) !== 4);
  if (strange !== undefined) throw new UserError(`--nodeport-addresses: ${strange} is not an IPv4 address`);
  await untilSignal(async (lifecycle) => {
    const { client, surroundings } = await reach(flags, identities["kube-proxy"], lifecycle);
    const running = startServiceProxy({
      client,
      ...surroundings,
      nodes: flags.hostnameOverride,
      nodePortAddresses: flags.nodeportAddresses,
      reach: reachOf(flags.serviceClusterIpRange),
    });
    lifecycle.onStop(() => running.stop());
    await running.synced;
    process.stdout.write(`proxy of ${flags.hostnameOverride.join(", ")} started\n`);
  });
}

/** What its pods must not read: its own directory and keys, and those of a control plane that lie beside its kubeconfig. */
function secretsOf({ kubeconfig, tlsPrivateKeyFile, logFile }: AgentFlags, dir: string): readonly string[] {
  const beside = dirname(resolve(kubeconfig));
  return [
    ...[dir, kubeconfig, ...(tlsPrivateKeyFile ? [tlsPrivateKeyFile] : []), ...(logFile ? [logFile] : [])].map((path) =>
      resolve(path),
    ),
    ...readdirSync(beside)
      .filter(
        (name) => name === "pki" || name === "store" || name === "apiserver.log" || /(^|\.)kubeconfig$/.test(name),
      )
      .map((name) => join(beside, name)),
  ];
}

async function servingOf(
  { tlsCertFile, tlsPrivateKeyFile, clientCaFile, port }: AgentFlags,
  renewals: Renewals,
  use: (identity: Identity) => void,
) {
  if (!tlsCertFile && !tlsPrivateKeyFile && !clientCaFile) return undefined;
  if (!tlsCertFile || !tlsPrivateKeyFile || !clientCaFile) {
    throw new UserError(
      "--tls-cert-file, --tls-private-key-file and --client-ca-file go together: without them the node serves no logs and no exec",
    );
  }
  const obtain = (): Promise<Identity> => readIdentity(tlsCertFile, tlsPrivateKeyFile);
  const held = await holdIdentity(renewals, { what: tlsCertFile, obtain, use, madeElsewhere: true });
  const { certificate: cert, key } = held();
  return { cert, key, clientCa: await readFile(clientCaFile, "utf8"), port };
}

const system = { clock: systemClock, random: systemRandom };
const graceMs = 2_000;

type Work = (client: Client, surroundings: Surroundings & { readonly metrics: Metrics }, lifecycle: Lifecycle) => void;

/** Does the work whenever this process holds the lease of that name in kube-system. */
function lead(flags: ClientFlags & ComponentServerFlags, lease: string, work: Work): Promise<void> {
  return untilSignal(async (lifecycle) => {
    const metrics = createMetrics();
    const { client, surroundings, renewals } = await reach(flags, { user: `system:${lease}` }, lifecycle, metrics);
    const { clock, random, log } = surroundings;
    const server = await openComponentServer(flags, { client, metrics, clock, log, renewals });
    lifecycle.onStop(() => server.close());
    const leads = metrics.gauge("leader_election_master_status", "Whether this process leads.", ["name"]);
    leads.set(0, lease);
    const identity = `${hostname()}_${random.uuid()}`;
    const candidacy = runLeaderElection(
      {
        client,
        clock,
        random,
        log,
        identity,
        lease: { namespace: "kube-system", name: lease },
        lead: async (reign, guarded) => {
          process.stdout.write(`leading as ${identity}\n`);
          leads.set(1, lease);
          const own = new Lifecycle((part, error) =>
            log.error("part of the process failed", { part, error: String(error) }),
          );
          work(guarded, { ...surroundings, metrics }, own);
          await new Promise<void>((done) =>
            reign.aborted ? done() : reign.addEventListener("abort", () => done(), { once: true }),
          );
          leads.set(0, lease);
          await own.stop();
        },
      },
      lifecycle.signal,
    );
    // The lease is given back before the connection closes: closers run in reverse order.
    lifecycle.onStop(() => candidacy);
    process.stdout.write(`${lease} started: ${server.url}\n`);
  });
}

async function reach(
  { kubeconfig, logFile, v }: ClientFlags,
  { user }: { readonly user: string },
  lifecycle: Lifecycle,
  metrics?: Metrics,
) {
  const connection = await loadConnection(kubeconfig);
  const log = createLog({ level: logLevel(v), ...(logFile ? { file: resolve(logFile) } : {}) });
  const renewals = new Renewals({ clock: system.clock, log });
  lifecycle.onStop(() => renewals.stop());
  const tls = await followKubeconfig(kubeconfig, connection.tls, renewals);
  const { client: plain, transport } = connect({ ...connection, tls }, { userAgent: userAgentOf(user, gitVersion) });
  lifecycle.onStop(() => transport.close());
  const metering = metrics && {
    meter: transportMeter(metrics),
    clock: system.clock,
    host: new URL(connection.server).host,
  };
  const client = metering ? createClient(meteredTransport(transport, metering)) : plain;
  return { client, connection, renewals, surroundings: { ...system, log } };
}

/** Starts something and keeps it until SIGINT or SIGTERM; `fail` ends the process with exit code 1. */
async function untilSignal(
  start: (lifecycle: Lifecycle, fail: (error: Error) => void) => Promise<void>,
): Promise<void> {
  const lifecycle = new Lifecycle((part, error) => process.stderr.write(`error: ${part}: ${String(error)}\n`));
  const signalled = new Promise<void>((done) => {
    for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => done());
  });
  const fail = (error: Error): void => {
    process.stderr.write(`error: ${explain(error)}\n`);
    process.exit(1);
  };
  try {
    await start(lifecycle, fail);
  } catch (error) {
    await lifecycle.stop();
    throw error;
  }
  await signalled;
  await lifecycle.stop();
  process.exit(0);
}
