import { connectVerbs, defineResource, type ObjectOf } from "../../../apimachinery/resource.js";
import { forbidden } from "../../../apimachinery/schema/field-error.js";
import type { FieldError } from "../../../apimachinery/schema/schema.js";
import { under } from "../../../apimachinery/schema/validate.js";
import { podColumns } from "./columns.js";
import { gracePeriod, initialStatus, podDefaults } from "./creation.js";
import type { PodSpec } from "./spec.js";
import { podSpec } from "./spec.js";
import { mountErrors } from "./spec-rules.js";
import { podStatus } from "./status.js";
import { podUpdateErrors } from "./update-rules.js";

/** Containers that run together on one node, with one address. */
export const pods = defineResource({
  group: "",
  version: "v1",
  kind: "Pod",
  plural: "pods",
  shortNames: ["po"],
  categories: ["all"],
  scope: "Namespaced",
  spec: podSpec,
  status: podStatus,
  subresources: {
    status: true,
    others: {
      attach: ["create", "get"],
      binding: ["create"],
      ephemeralcontainers: ["get", "patch", "update"],
      eviction: ["create"],
      exec: ["create", "get"],
      log: ["get"],
      portforward: ["create", "get"],
      proxy: connectVerbs,
      resize: ["get", "patch", "update"],
    },
  },
  defaults: (pod) => podDefaults(pod),
  prepare: (pod, old) => (old ? pod : { ...pod, status: initialStatus(pod.spec) }),
  validate: ({ spec }, old) => (old ? podUpdateErrors(spec, old.spec) : podCreateErrors(spec)),
  gracefulDeletion: (pod, requestedSeconds) => gracePeriod(pod, requestedSeconds),
  selectableFields: {
    "spec.nodeName": ({ spec }) => spec.nodeName ?? "",
    "spec.restartPolicy": ({ spec }) => spec.restartPolicy,
    "spec.schedulerName": ({ spec }) => spec.schedulerName,
    "spec.serviceAccountName": ({ spec }) => spec.serviceAccountName ?? "",
    "spec.hostNetwork": ({ spec }) => String(spec.hostNetwork ?? false),
    "status.phase": ({ status }) => status?.phase ?? "",
    "status.podIP": ({ status }) => status?.podIP ?? "",
    "status.podIPs": ({ status }) => (status?.podIPs ?? []).map(({ ip }) => ip).join(","),
    "status.nominatedNodeName": ({ status }) => status?.nominatedNodeName ?? "",
  },
  columns: podColumns,
});
export interface Pod extends ObjectOf<typeof pods> {}

function podCreateErrors(spec: PodSpec): FieldError[] {
  const { ephemeralContainers = [] } = spec;
  return [
    ...under("spec", mountErrors(spec)),
    ...(ephemeralContainers.length > 0 ? [forbidden("spec.ephemeralContainers", "cannot be set on create")] : []),
  ];
}
