import { builtins } from "../api/catalogue.js";
import { type ApiServer, startApiServer } from "../apiserver/apiserver.js";
import type { Storage } from "../apiserver/storage/storage.js";
import type { Clock } from "../base/clock.js";
import type { Logger } from "../base/log.js";
import type { Random } from "../base/random.js";
import { ensurePki, type Pki } from "../base/tls.js";
import { type ClusterRanges, firstAddress } from "./addresses.js";
import { readDescriptions } from "./descriptions.js";
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
    serverNames: [
      "localhost",
      ...["", ".default", ".default.svc", ".default.svc.cluster.local"].map((tail) => `kubernetes${tail}`),
    ],
    addresses: [...new Set([flags.bindAddress, "127.0.0.1", firstAddress(ranges.services)])],
  });

export async function openApiServer(
  {
    flags,
    ranges,
    pki,
    storage,
  }: { readonly flags: ServingFlags; readonly ranges: ClusterRanges; readonly pki: Pki; readonly storage: Storage },
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
      identity: await pki.client("apiserver-agent-client", agentCaller),
      authorities: pki.caCertificate,
      loopbackCidrs: [ranges.pods],
      forbidden: [{ address: flags.bindAddress, port: flags.securePort }, ...(flags.etcdServers ?? []).map(listenerOf)],
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

const listenerOf = (url: string): { readonly address: string; readonly port: number } => {
  const { hostname, port } = new URL(url);
  return { address: hostname.replace(/^\[|\]$/g, ""), port: Number(port) };
};

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
