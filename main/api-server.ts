import { lookup } from "node:dns/promises";
import { builtins } from "../api/catalogue.js";
import { type ApiServer, startApiServer } from "../apiserver/apiserver.js";
import type { Listener } from "../apiserver/outbound/addresses.js";
import type { Storage } from "../apiserver/storage/storage.js";
import type { Clock } from "../base/clock.js";
import type { Logger } from "../base/log.js";
import type { Random } from "../base/random.js";
import type { Renewals } from "../base/renewal.js";
import { ensurePki, type Identity, type Pki } from "../base/tls.js";
import { type ClusterRanges, firstAddress } from "./addresses.js";
import { readDescriptions } from "./descriptions.js";
import { holdIdentity } from "./held-identity.js";
import { version } from "./version.js";

/** Flags that `up` and `apiserver` share. */
export interface ServingFlags {
  readonly etcdServers?: readonly string[];
  readonly bindAddress: string;
  readonly securePort: number;
  readonly serviceClusterIpRange?: string;
  readonly loopbackCidr: string;
  readonly defaultNotReadyTolerationSeconds: number;
  readonly defaultUnreachableTolerationSeconds: number;
  readonly clusterSigningDuration?: number;
}

export interface Surroundings {
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
}

/** The cluster's certificates in this directory, the API server's for every name and address it is called by. */
export const clusterPki = (dir: string, flags: ServingFlags, ranges: ClusterRanges, clock: Clock): Promise<Pki> =>
  ensurePki(dir, {
    clock,
    ...(flags.clusterSigningDuration === undefined ? {} : { leafLifeMs: flags.clusterSigningDuration }),
    serverNames: [
      "localhost",
      ...["", ".default", ".default.svc", ".default.svc.cluster.local"].map((tail) => `kubernetes${tail}`),
    ],
    addresses: [...new Set([flags.bindAddress, "127.0.0.1", firstAddress(ranges.services)])],
  });

export interface ApiServerParts {
  readonly flags: ServingFlags;
  readonly ranges: ClusterRanges;
  readonly pki: Pki;
  readonly storage: Storage;
  readonly renewals: Renewals;
}

/** The API server; its own certificates are renewed while it runs. */
export async function openApiServer(parts: ApiServerParts, surroundings: Surroundings): Promise<ApiServer> {
  const { pki, renewals } = parts;
  const agentClient = await holdIdentity(renewals, {
    what: agentCaller.user,
    obtain: () => pki.client("apiserver-agent-client", agentCaller),
  });
  const server = await startServer(parts, agentClient, surroundings);
  await holdIdentity(renewals, {
    what: "the API server",
    obtain: pki.currentServer,
    use: (identity) => server.replaceIdentity(identity),
  });
  return server;
}

async function startServer(
  { flags, ranges, pki, storage }: ApiServerParts,
  agentClient: () => Identity,
  { clock, random, log }: Surroundings,
): Promise<ApiServer> {
  return startApiServer({
    storage,
    definitions: builtins,
    address: flags.bindAddress,
    port: flags.securePort,
    identity: pki.server,
    clientAuthorities: pki.caCertificate,
    serviceAccounts: { signingKey: pki.serviceAccountKey },
    agents: {
      identity: agentClient,
      authorities: pki.caCertificate,
      loopbackCidrs: [ranges.pods],
      forbidden: (await Promise.all((flags.etcdServers ?? []).map(listenersOf))).flat(),
    },
    serviceCidr: ranges.services,
    kubernetesService: { address: flags.bindAddress },
    tolerations: {
      notReadySeconds: flags.defaultNotReadyTolerationSeconds,
      unreachableSeconds: flags.defaultUnreachableTolerationSeconds,
    },
    version,
    descriptions: readDescriptions,
    clock,
    random,
    log: log.with({ component: "apiserver" }),
  });
}

/** Under the addresses that its name stands for, or under the name where it stands for none now. */
async function listenersOf(url: string): Promise<readonly Listener[]> {
  const { hostname, port: written, protocol } = new URL(url);
  const port = written === "" ? (protocol === "https:" ? 443 : 80) : Number(written);
  const host = hostname.replace(/^\[|\]$/g, "");
  const found = await lookup(host, { all: true }).catch(() => [{ address: host }]);
  return found.map(({ address }) => ({ address, port }));
}

/** Agents know the API server by this name; it has no rights of its own. */
const agentCaller = { user: "kube-apiserver-kubelet-client" };

/** Who the components are: file name of the identity, and what its certificate says. */
export const identities = {
  admin: { user: "kubernetes-admin", groups: ["system:masters"] },
  scheduler: { user: "system:kube-scheduler" },
  "controller-manager": { user: "system:kube-controller-manager" },
  "kube-proxy": { user: "system:kube-proxy" },
} as const;
export const nodeIdentity = (name: string) => ({ user: `system:node:${name}`, groups: ["system:nodes"] });
