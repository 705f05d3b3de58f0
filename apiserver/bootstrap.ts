import { namespaces } from "../api/core/namespace.js";
import { services } from "../api/core/service.js";
import { type ClusterRole, clusterRoles } from "../api/rbac/cluster-role.js";
import { type ClusterRoleBinding, clusterRoleBindings } from "../api/rbac/cluster-role-binding.js";
import { compactRules, uncovered } from "../api/rbac/matching.js";
import { priorityClasses } from "../api/scheduling/priority-class.js";
import type { KubeObject } from "../apimachinery/meta.js";
import { StatusError } from "../apimachinery/status.js";
import type { Clock } from "../base/clock.js";
import { formatIpv4 } from "../base/ipv4.js";
import type { Logger } from "../base/log.js";
import { bootstrapNamespaces, bootstrapPriorityClasses } from "../manifests/bootstrap/objects.js";
import { bootstrapClusterRoleBindings, bootstrapClusterRoles } from "../manifests/bootstrap/rbac.js";
import { ensureServiceCidr } from "./loops/default-service-cidr.js";
import { ensureFlowControl, tellDangling } from "./loops/flow-control-objects.js";
import { leaseSeconds, publishEndpoints, withdrawEndpoints } from "./loops/kubernetes-endpoints.js";
import { ensure } from "./registry/ensure.js";
import type { Registry } from "./registry/registry.js";
import { parseIpv4Range } from "./registry/service/ipv4-range.js";
import type { Storage } from "./storage/storage.js";

/** Where pods find the API server: behind the service `kubernetes`. */
export interface KubernetesService {
  /** An address at which pods reach this server; not loopback, unless the ranges of nodes allow it. */
  readonly address: string;
  /** The server's own port unless said. */
  readonly port?: number;
}

export interface BootstrapOptions {
  readonly storage: Storage;
  readonly registry: Registry;
  readonly serviceCidr: string;
  readonly kubernetesService?: KubernetesService;
  readonly port: number;
  readonly clock: Clock;
  readonly log: Logger;
  readonly signal: AbortSignal;
}

/** Writes what every cluster holds, as far as it is missing; what is there is left as its owners changed it. */
export async function bootstrap(options: BootstrapOptions): Promise<void> {
  const { registry, clock, log, signal } = options;
  for (let attempt = 1; !signal.aborted; attempt++) {
    try {
      await Promise.all(bootstrapNamespaces.map((draft) => ensure(registry, namespaces, draft)));
      await Promise.all([
        ...bootstrapPriorityClasses.map((draft) => ensure(registry, priorityClasses, draft)),
        ...bootstrapClusterRoles.map((draft) => ensure(registry, clusterRoles, draft, completeRole)),
        ...bootstrapClusterRoleBindings.map((draft) => ensure(registry, clusterRoleBindings, draft, completeBinding)),
        ensureFlowControl(options),
        ensureKubernetesService(options),
      ]);
      const others = await ensureServiceCidr(options);
      if (others) log.warn("the ServiceCIDR kubernetes names another range than this server has", { cidrs: others });
      return;
    } catch (error) {
      if (signal.aborted || attempt === attemptsMax) throw error;
      log.warn("writing the cluster's first objects failed; trying again", { attempt, error: String(error) });
      await clock.sleep(retryDelayMs * attempt, signal);
    }
  }
}

/** Keeps what must not be missing until the signal aborts: the service `kubernetes` and its endpoints, flow control. */
export async function keepFirstObjects(options: BootstrapOptions): Promise<void> {
  const { clock, log, signal } = options;
  for (;;) {
    await tellDangling(options).catch((error: unknown) => {
      if (!signal.aborted) log.warn("flow schemas could not be told of their levels", { error: String(error) });
    });
    await clock.sleep(keepEveryMs, signal);
    if (signal.aborted) return;
    const failing = (what: string) => (error: unknown) => {
      if (!signal.aborted) log.warn(`${what} kubernetes could not be kept`, { error: String(error) });
    };
    await Promise.all([
      ensureKubernetesService(options).catch(failing("the service")),
      ensureServiceCidr(options).catch(failing("the range of cluster addresses")),
      ensureFlowControl(options).catch(failing("the objects of flow control beside")),
    ]);
  }
}

/** Takes this server out of the endpoints of the service `kubernetes`. */
export async function leaveKubernetesService(options: BootstrapOptions): Promise<void> {
  const { storage, registry, kubernetesService, port } = options;
  if (!kubernetesService) return;
  const self = { address: kubernetesService.address, port: kubernetesService.port ?? port };
  await withdrawEndpoints({ storage, registry, self });
}

const keepEveryMs = (leaseSeconds / 3) * 1_000;
const attemptsMax = 5;
const retryDelayMs = 500;

const isOurs = ({ metadata }: KubeObject): boolean =>
  metadata.annotations?.["rbac.authorization.kubernetes.io/autoupdate"] === "true";

/** Adds rules that a newer version brings; never takes any away. */
function completeRole(found: ClusterRole, wanted: ClusterRole): ClusterRole {
  const rules = found.rules ?? [];
  const missing = isOurs(found) ? uncovered(rules, wanted.rules ?? []) : [];
  return missing.length === 0 ? found : { ...found, rules: [...rules, ...compactRules(missing)] };
}

/** Adds subjects that are missing. */
function completeBinding(found: ClusterRoleBinding, wanted: ClusterRoleBinding): ClusterRoleBinding {
  const subjects = found.subjects ?? [];
  const missing = (wanted.subjects ?? []).filter(
    ({ kind, name }) => !subjects.some((one) => one.kind === kind && one.name === name),
  );
  return missing.length === 0 || !isOurs(found) ? found : { ...found, subjects: [...subjects, ...missing] };
}

/** The service has the first address of the range, so that every pod knows it from its environment. */
async function ensureKubernetesService(options: BootstrapOptions): Promise<void> {
  const { registry, storage, serviceCidr, kubernetesService, port, log } = options;
  const metadata = {
    name: "kubernetes",
    namespace: "default",
    labels: { component: "apiserver", provider: "kubernetes" },
  };
  const targetPort = kubernetesService?.port ?? port;
  await ensure(registry, services, {
    apiVersion: "v1",
    kind: "Service",
    metadata,
    spec: {
      type: "ClusterIP",
      clusterIP: formatIpv4(parseIpv4Range(serviceCidr).first),
      ports: [{ name: "https", protocol: "TCP", port: 443, targetPort }],
    },
  });
  if (!kubernetesService) return;
  try {
    await publishEndpoints({ storage, registry, self: { address: kubernetesService.address, port: targetPort } });
  } catch (error) {
    // A cluster whose pods cannot be told the way is still one that people can use.
    if (!(error instanceof StatusError && error.reason === "Invalid")) throw error;
    log.warn("the endpoints of the service kubernetes are not published", { error: error.message });
  }
}
