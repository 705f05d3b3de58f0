import { isIP } from "node:net";
import { endpoints } from "../api/core/endpoints.js";
import { namespaces } from "../api/core/namespace.js";
import { services } from "../api/core/service.js";
import { endpointSlices } from "../api/discovery/endpoint-slice.js";
import { type ClusterRole, clusterRoles } from "../api/rbac/cluster-role.js";
import { type ClusterRoleBinding, clusterRoleBindings } from "../api/rbac/cluster-role-binding.js";
import { compactRules, uncovered } from "../api/rbac/matching.js";
import { priorityClasses } from "../api/scheduling/priority-class.js";
import type { KubeObject } from "../apimachinery/meta.js";
import type { DraftOf, ResourceDefinition } from "../apimachinery/resource.js";
import { decode } from "../apimachinery/schema/decode.js";
import { applyDefaults } from "../apimachinery/schema/defaults.js";
import { StatusError } from "../apimachinery/status.js";
import type { Clock } from "../base/clock.js";
import { equal } from "../base/equal.js";
import { formatIpv4 } from "../base/ipv4.js";
import type { Logger } from "../base/log.js";
import { bootstrapNamespaces, bootstrapPriorityClasses } from "../manifests/bootstrap/objects.js";
import { bootstrapClusterRoleBindings, bootstrapClusterRoles } from "../manifests/bootstrap/rbac.js";
import type { Registry } from "./registry/registry.js";
import { parseIpv4Range } from "./registry/service/ipv4-range.js";
import type { User } from "./request.js";

/** Where pods find the API server: behind the service `kubernetes`. */
export interface KubernetesService {
  /** An address at which pods reach this server; not loopback, unless the ranges of nodes allow it. */
  readonly address: string;
  /** The server's own port unless said. */
  readonly port?: number;
}

export interface BootstrapOptions {
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
        ensureKubernetesService(options),
      ]);
      return;
    } catch (error) {
      if (signal.aborted || attempt === attemptsMax) throw error;
      log.warn("writing the cluster's first objects failed; trying again", { attempt, error: String(error) });
      await clock.sleep(retryDelayMs * attempt, signal);
    }
  }
}

/** Puts the service `kubernetes` back whenever someone removed it, until the signal aborts. */
export async function keepKubernetesService(options: BootstrapOptions): Promise<void> {
  const { clock, log, signal } = options;
  for (;;) {
    await clock.sleep(keepEveryMs, signal);
    if (signal.aborted) return;
    await ensureKubernetesService(options, "if missing").catch((error: unknown) => {
      if (!signal.aborted) log.warn("the service kubernetes could not be kept", { error: String(error) });
    });
  }
}

const keepEveryMs = 10_000;
const attemptsMax = 5;
const retryDelayMs = 500;

/** The server itself. */
const self: User = { name: "system:apiserver", uid: "", groups: ["system:masters"], extra: {} };

/** `complete` gives the object with what it lacks, or itself. */
async function ensure<T extends KubeObject>(
  registry: Registry,
  definition: ResourceDefinition<T>,
  draft: DraftOf<T>,
  complete?: (found: T, wanted: T) => T,
): Promise<void> {
  const wanted = objectFrom(definition, draft);
  const { namespace = "", name } = wanted.metadata;
  const found = registry.reads.get(definition, namespace, name);
  if (found && (!complete || complete(found, wanted) === found)) return;
  if (found && complete) {
    const next = (current: T): T => complete(current, wanted);
    await registry.update(definition, { namespace, name }, { subresource: "", part: "main", next }, { user: self });
    return;
  }
  try {
    await registry.create(definition, namespace, wanted, { user: self });
  } catch (error) {
    // Another API server may be starting as well.
    if (!(error instanceof StatusError && error.reason === "AlreadyExists")) throw error;
  }
}

/** As a request's body would be read: decoded, with defaults. */
function objectFrom<T extends KubeObject>({ schema }: ResourceDefinition<T>, draft: DraftOf<T>): T {
  return applyDefaults(schema, decode(schema, draft, { strict: "Strict" }).value);
}

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
async function ensureKubernetesService(
  options: BootstrapOptions,
  publish: "as ours" | "if missing" = "as ours",
): Promise<void> {
  const { registry, serviceCidr, kubernetesService, port, log } = options;
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
    // While running, what another API server has published is left: two would take turns for ever.
    const known = publish === "if missing" && registry.reads.get(endpoints, metadata.namespace, metadata.name);
    if (!known) await ensureEndpoints(registry, kubernetesService.address, targetPort);
  } catch (error) {
    // A cluster whose pods cannot be told the way is still one that people can use.
    if (!(error instanceof StatusError && error.reason === "Invalid")) throw error;
    log.warn("the endpoints of the service kubernetes are not published", { error: error.message });
  }
}

async function ensureEndpoints(registry: Registry, address: string, port: number): Promise<void> {
  const ports = [{ name: "https", protocol: "TCP" as const, port }];
  const metadata = { name: "kubernetes", namespace: "default" };
  const skipMirror = { "endpointslice.kubernetes.io/skip-mirror": "true" };
  await ensure(
    registry,
    endpoints,
    {
      apiVersion: "v1",
      kind: "Endpoints",
      metadata: { ...metadata, labels: skipMirror },
      subsets: [{ addresses: [{ ip: address }], ports }],
    },
    (found, { subsets }) => (equal(found.subsets, subsets) ? found : { ...found, subsets: subsets ?? [] }),
  );
  await ensure(
    registry,
    endpointSlices,
    {
      apiVersion: "discovery.k8s.io/v1",
      kind: "EndpointSlice",
      metadata: { ...metadata, labels: { "kubernetes.io/service-name": "kubernetes" } },
      addressType: isIP(address) === 6 ? "IPv6" : "IPv4",
      endpoints: [{ addresses: [address], conditions: { ready: true } }],
      ports,
    },
    (found, wanted) =>
      equal([found.endpoints, found.ports], [wanted.endpoints, wanted.ports])
        ? found
        : { ...found, endpoints: wanted.endpoints ?? [], ports: wanted.ports ?? [] },
  );
}
