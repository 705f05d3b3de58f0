import { leases } from "../../api/coordination/lease.js";
import { type ComponentStatus, componentStatuses } from "../../api/core/component-status.js";
import { apiVersionOf } from "../../apimachinery/resource.js";
import { notFound } from "../../apimachinery/status.js";
import { messageOf } from "../../base/error-text.js";
import type { EndpointApi } from "./target.js";
import type { ReadEndpoint } from "./virtual.js";

/** Components that say by a Lease that they are there, where they run beside others of their kind. */
const leaseHolders = { "controller-manager": "kube-controller-manager", scheduler: "kube-scheduler" } as const;
const healthCheckTimeoutMs = 2_000;

/** Whether the store and those components are well that can be asked; of others nothing is said. */
export function componentStatusEndpoint(checkStore: (signal: AbortSignal) => Promise<void>): ReadEndpoint {
  const storeStatus = async ({ clock }: EndpointApi): Promise<ComponentStatus> => {
    const late = new AbortController();
    const timer = clock.after(healthCheckTimeoutMs, () => late.abort(new Error("no answer in time")));
    try {
      await checkStore(late.signal);
      return statusOf("etcd-0", undefined);
    } catch (error) {
      return statusOf("etcd-0", messageOf(error));
    } finally {
      timer.cancel();
    }
  };
  const all = async (api: EndpointApi): Promise<readonly ComponentStatus[]> => [
    ...Object.entries(leaseHolders).flatMap(([name, lease]) => holderStatus(api, name, lease)),
    await storeStatus(api),
  ];
  return {
    resource: componentStatuses.plural,
    list: async ({ matches }, api) => (await all(api)).filter(matches),
    async get({ name }, api) {
      const found = (await all(api)).find(({ metadata }) => metadata.name === name);
      if (!found) throw notFound(componentStatuses, name);
      return found;
    },
  };
}

function holderStatus({ registry, clock }: EndpointApi, name: string, lease: string): readonly ComponentStatus[] {
  const spec = registry.reads.get(leases, "kube-system", lease)?.spec;
  if (!spec?.renewTime || !spec.holderIdentity) return [];
  const silentMs = clock.now() - Date.parse(spec.renewTime);
  const late = silentMs > (spec.leaseDurationSeconds ?? 0) * 1_000;
  return [
    statusOf(name, late ? `${spec.holderIdentity} has not renewed its lease since ${spec.renewTime}` : undefined),
  ];
}

const statusOf = (name: string, error: string | undefined): ComponentStatus => ({
  kind: componentStatuses.kind,
  apiVersion: apiVersionOf(componentStatuses),
  metadata: { name } as ComponentStatus["metadata"],
  conditions: [
    error === undefined
      ? { type: "Healthy", status: "True", message: "ok" }
      : { type: "Healthy", status: "False", message: error },
  ],
});
