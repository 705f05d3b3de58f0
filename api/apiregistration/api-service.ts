import { ageColumn, defineResource, nameColumn, type ObjectOf } from "../../apimachinery/resource.js";
import {
  boolean,
  bytes,
  type Infer,
  int32,
  list,
  object,
  oneOf,
  optional,
  ref,
  string,
  time,
} from "../../apimachinery/schema/schema.js";
import { availability, serviceRules, serviceText } from "./api-service-rules.js";

/** A group version, and the service that serves it. */
export const apiServiceSpec = object("APIServiceSpec", {
  service: optional(ref<ServiceReference>(() => serviceReference)),
  group: optional(string()),
  version: optional(string()),
  insecureSkipTLSVerify: optional(boolean()),
  caBundle: optional(bytes()),
  /** Groups with the greater number come first. */
  groupPriorityMinimum: int32({ default: 0 }),
  versionPriority: int32({ default: 0 }),
});
export interface APIServiceSpec extends Infer<typeof apiServiceSpec> {}

/** A port of a service of the cluster. */
export const serviceReference = object("ServiceReference", {
  namespace: optional(string()),
  name: optional(string()),
  port: int32({ default: 443 }),
});
export interface ServiceReference extends Infer<typeof serviceReference> {}

/** Whether the group version can be had. */
export const apiServiceStatus = object("APIServiceStatus", {
  conditions: optional(
    list(
      ref<APIServiceCondition>(() => apiServiceCondition),
      { mapKeys: ["type"], mergeKey: "type" },
    ),
  ),
});
export interface APIServiceStatus extends Infer<typeof apiServiceStatus> {}

/** One aspect of an API service's state. */
export const apiServiceCondition = object("APIServiceCondition", {
  type: string({ nonEmpty: true }),
  status: oneOf(["True", "False", "Unknown"]),
  lastTransitionTime: optional(time()),
  reason: optional(string()),
  message: optional(string()),
});
export interface APIServiceCondition extends Infer<typeof apiServiceCondition> {}

/** Says which service serves a group version. */
export const apiServices = defineResource({
  group: "apiregistration.k8s.io",
  version: "v1",
  kind: "APIService",
  plural: "apiservices",
  categories: ["api-extensions"],
  scope: "Cluster",
  allowUnconditionalUpdate: false,
  spec: apiServiceSpec,
  status: apiServiceStatus,
  subresources: { status: true },
  nameRule: "path-segment",
  notBuilt: "effect",
  countsGeneration: false,
  validate: ({ metadata, spec }) => serviceRules(metadata.name, spec),
  columns: [
    nameColumn,
    { name: "Service", cell: ({ spec }) => serviceText(spec) },
    { name: "Available", cell: ({ status }) => availability(status) },
    ageColumn,
  ],
});
export interface APIService extends ObjectOf<typeof apiServices> {}
