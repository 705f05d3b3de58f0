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
  /** The service that answers for the group's version; absent means that this server does. */
  service: optional(ref<ServiceReference>(() => serviceReference)),
  /** Name of the group; never empty but for core. */
  group: optional(string()),
  /** Version of the group: `v1beta1`. With the group it makes the object's name. */
  version: optional(string()),
  /** Whether the service's certificate goes unchecked; not with `caBundle`. */
  insecureSkipTLSVerify: optional(boolean()),
  /** Certificates, in PEM and base64, that the service's own must lead to. */
  caBundle: optional(bytes()),
  /** Groups with the greater number come first. */
  groupPriorityMinimum: int32({ default: 0 }),
  /** Place of this version among those of its group; the greater comes first. */
  versionPriority: int32({ default: 0 }),
});
export interface APIServiceSpec extends Infer<typeof apiServiceSpec> {}

/** A port of a service of the cluster. */
export const serviceReference = object("ServiceReference", {
  /** Namespace of the service. */
  namespace: optional(string()),
  /** Name of the service. */
  name: optional(string()),
  /** Port of the service; 443 by default. */
  port: int32({ default: 443 }),
});
export interface ServiceReference extends Infer<typeof serviceReference> {}

/** Whether the group version can be had. */
export const apiServiceStatus = object("APIServiceStatus", {
  /** Whether the service can be reached: `Available`. */
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
  /** Which aspect this is: `Available`. */
  type: string({ nonEmpty: true }),
  /** True, False or Unknown. */
  status: oneOf(["True", "False", "Unknown"]),
  /** When `status` last became another. */
  lastTransitionTime: optional(time()),
  /** The cause, as one word for programs: `Passed`. */
  reason: optional(string()),
  /** The cause, in words for people. */
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
