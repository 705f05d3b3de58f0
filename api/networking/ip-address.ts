import { defineResource, nameColumn, type ObjectOf } from "../../apimachinery/resource.js";
import { type Infer, object, optional, ref, string } from "../../apimachinery/schema/schema.js";
import { addressNameErrors, parentText } from "./address-rules.js";

/** Who has an address. */
export const ipAddressSpec = object("IPAddressSpec", {
  /** As a rule a service, which the address belongs to as long as it lives; never changes. */
  parentRef: ref<ParentReference>(() => parentReference, { default: {} }),
});
export interface IPAddressSpec extends Infer<typeof ipAddressSpec> {}

/** The object that has an address. */
export const parentReference = object("ParentReference", {
  /** Name of that object. */
  name: string({ nonEmpty: true }),
  /** Group of its resource; absent means the core group. */
  group: optional(string()),
  /** Its namespace; absent for cluster-wide objects. */
  namespace: optional(string()),
  /** Its resource, in lower-case plural: `services`. */
  resource: string({ nonEmpty: true }),
});
export interface ParentReference extends Infer<typeof parentReference> {}

/** An address that an object has, named after it. */
export const ipAddresses = defineResource({
  group: "networking.k8s.io",
  version: "v1",
  kind: "IPAddress",
  plural: "ipaddresses",
  shortNames: ["ip"],
  scope: "Cluster",
  spec: ipAddressSpec,
  notBuilt: "effect",
  nameRule: "path-segment",
  validate: ({ metadata }) => addressNameErrors(metadata.name),
  immutable: ["spec.parentRef"],
  selectableFields: { "spec.parentRef": ({ spec }) => parentText(spec.parentRef) },
  columns: [nameColumn, { name: "ParentRef", cell: ({ spec }) => parentText(spec.parentRef) }],
});
export interface IPAddress extends ObjectOf<typeof ipAddresses> {}
