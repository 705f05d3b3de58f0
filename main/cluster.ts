import { X509Certificate } from "node:crypto";
import { join } from "node:path";
import type { ApiServer } from "../apiserver/apiserver.js";
import type { Clock } from "../base/clock.js";
import { Lifecycle } from "../base/lifecycle.js";
import { Renewals } from "../base/renewal.js";
import type { ClientSubject, Identity, Pki } from "../base/tls.js";
import type { Client } from "../client/client.js";
import { createLocalTransport } from "../client/local-transport.js";
import { meteredTransport, transportMeter } from "../client/metered-transport.js";
import { createClient } from "../client/rest.js";
import type { ClusterRanges } from "./addresses.js";
import { clusterPki, identities, openApiServer, type Surroundings } from "./api-server.js";
import { control, schedule } from "./control-loops.js";
import { holdIdentity } from "./held-identity.js";
import { keepKubeconfig } from "./kept-kubeconfig.js";
import { startNodes } from "./nodes.js";
import type { ChosenRuntime } from "./runtime-choice.js";
import { apiServerFor, serveServices } from "./service-proxy.js";
import { openStore } from "./store.js";
import type { UpFlags } from "./up.js";
import { userAgentOf } from "./user-agent.js";
import { gitVersion } from "./version.js";

export interface ComponentsOptions extends Surroundings {
  readonly flags: UpFlags;
  readonly chosen: ChosenRuntime;
  /** Absolute. */
  readonly dataDir: string;
  readonly ranges: ClusterRanges;
  readonly onFatal: (error: Error) => void;
}

export interface Components {
  readonly url: string;
  /** Resolves when the API server is ready and every node that was started is Ready. */
  ready(): Promise<void>;
  /** Ends the pods, within the grace, and then everything else. */
  stop(options: { readonly graceMs: number }): Promise<void>;
}

/** API server, scheduler, controllers and nodes in this process, each with an identity of its own. */
export async function startComponents(options: ComponentsOptions): Promise<Components> {
  const { flags, dataDir, ranges, chosen, clock, log } = options;
  const onFailure = (part: string, error: unknown): void =>
    log.error("part of the cluster failed", { part, error: String(error) });
  // Stopped in reverse: what calls the API server before the API server, the store last.
  const servers = new Lifecycle(onFailure);
  try {
    const [pki, storage] = await Promise.all([
      clusterPki(join(dataDir, "pki"), flags, ranges, clock),
      openStore(flags, options),
    ]);
    servers.onStop(() => storage.close());
    const renewals = new Renewals({ clock, log });
    const server = await openApiServer({ flags, ranges, pki, storage, renewals }, options);
    servers.onStop(() => server.close(serverGraceMs));
    servers.onStop(() => renewals.stop());
    await keepKubeconfig(join(dataDir, "kubeconfig"), "admin", { url: server.url, pki, renewals });
    const clientFor = inProcessClients(server, pki, renewals, clock);
    const workers = new Lifecycle(onFailure);
    servers.onStop(() => workers.stop());
    const names = Array.from({ length: flags.nodes }, (_, i) => `node-${i + 1}`);
    const proxy =
      chosen.runtime === "simulated" ? undefined : await serveServices({ ...options, clientFor, nodes: names });
    if (proxy) workers.onStop(proxy.stop);
    // Containers have a network of their own: what they are told of the API server is its cluster address, once served.
    if (proxy && chosen.runtime === "cri") await Promise.race([proxy.synced, clock.sleep(proxyWaitMs)]);
    const apiServer = apiServerFor({ host: flags.bindAddress, port: server.port }, ranges, proxy);
    const nodes = await startNodes({
      ...options,
      names,
      pki,
      renewals,
      apiServer,
      clientFor,
      ...(proxy ? { proxy } : {}),
    });
    const metered = { ...options, metrics: server.metrics };
    schedule(await clientFor("scheduler", identities.scheduler), metered, workers);
    const settings = {
      ...(flags.nodeMonitorGracePeriod === undefined ? {} : { nodeMonitorGracePeriodMs: flags.nodeMonitorGracePeriod }),
      podCidr: ranges.pods,
      // With the embedded store this is the only API server: only requests under way can be behind.
      ...(flags.etcdServers ? {} : { namespaceSettleMs: soleServerSettleMs }),
      rootCaCertificate: pki.caCertificate,
    };
    control(await clientFor("controller-manager", identities["controller-manager"]), settings, metered, workers);
    return {
      url: server.url,
      ready: async () => {
        await server.ready();
        await nodes.ready();
      },
      stop: async ({ graceMs }) => {
        try {
          await nodes.stop(graceMs);
        } finally {
          await servers.stop();
        }
      },
    };
  } catch (error) {
    await servers.stop();
    throw error;
  }
}

const serverGraceMs = 2_000;
const proxyWaitMs = 2_000;
const soleServerSettleMs = 1_500;

/** The in-process way to the API server, under an identity that the cluster's CA vouches for; kept where a file is named. */
export type ClientFor = (file: string | undefined, subject: ClientSubject) => Promise<Client>;

function inProcessClients(server: ApiServer, pki: Pki, renewals: Renewals, clock: Clock): ClientFor {
  const metering = { meter: transportMeter(server.metrics), clock, host: new URL(server.url).host };
  return async (file, subject) => {
    // The same bytes until there are others: what they prove is looked into once.
    let raw: Uint8Array = new Uint8Array();
    const show = ({ certificate }: Identity): void => {
      raw = new X509Certificate(certificate).raw;
    };
    await holdIdentity(renewals, {
      what: subject.user,
      obtain: () => (file === undefined ? pki.issueClient(subject) : pki.client(file, subject)),
      use: show,
    });
    const transport = createLocalTransport({
      door: server.localDoor,
      certificate: () => raw,
      userAgent: userAgentOf(subject.user, gitVersion),
    });
    return createClient(meteredTransport(transport, metering));
  };
}
