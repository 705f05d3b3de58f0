import { type Namespace, namespaces } from "../api/core/namespace.js";
import { type ServiceAccount, serviceAccounts } from "../api/core/service-account.js";
import { defineController, watch } from "./framework/controller.js";
import { create, nothing, type Plan } from "./framework/plan.js";

const defaultName = "default";

/** Every namespace in use has a ServiceAccount named default. */
export const serviceAccountController = defineController({
  name: "serviceaccount",
  reconciles: namespaces,
  watches: [
    watch(serviceAccounts, ({ metadata }) =>
      metadata.name === defaultName && metadata.namespace !== undefined ? [metadata.namespace] : [],
    ),
  ],
  observe: (namespace, cache) => cache.get(serviceAccounts, namespace.metadata.name, defaultName),
  reconcile: reconcileServiceAccount,
});

export function reconcileServiceAccount({ metadata, status }: Namespace, found: ServiceAccount | undefined): Plan {
  if (found || metadata.deletionTimestamp !== undefined || status?.phase === "Terminating") return nothing;
  return { actions: [create(serviceAccounts, { metadata: { name: defaultName, namespace: metadata.name } })] };
}
