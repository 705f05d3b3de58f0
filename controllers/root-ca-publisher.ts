import { type ConfigMap, configMaps } from "../api/core/config-map.js";
import { type Namespace, namespaces } from "../api/core/namespace.js";
import { equal } from "../base/equal.js";
import { type Controller, defineController, watch } from "./framework/controller.js";
import { create, nothing, type Plan, update } from "./framework/plan.js";

const configMapName = "kube-root-ca.crt";

/** Every namespace in use has the certificate by which pods trust the API server. */
export const rootCaPublisher = ({ rootCaCertificate }: { readonly rootCaCertificate: string }): Controller =>
  defineController({
    name: "root-ca-certificate-publisher",
    reconciles: namespaces,
    watches: [
      watch(configMaps, ({ metadata }) =>
        metadata.name === configMapName && metadata.namespace !== undefined ? [metadata.namespace] : [],
      ),
    ],
    observe: (namespace, cache) => cache.get(configMaps, namespace.metadata.name, configMapName),
    reconcile: (namespace, found) => reconcileRootCa(namespace, found, rootCaCertificate),
  });

export function reconcileRootCa(
  { metadata, status }: Namespace,
  found: ConfigMap | undefined,
  certificate: string,
): Plan {
  if (metadata.deletionTimestamp !== undefined || status?.phase === "Terminating") return nothing;
  const data = { "ca.crt": certificate };
  if (!found) {
    return { actions: [create(configMaps, { metadata: { name: configMapName, namespace: metadata.name }, data })] };
  }
  return equal(found.data, data) ? nothing : { actions: [update(configMaps, { ...found, data })] };
}
