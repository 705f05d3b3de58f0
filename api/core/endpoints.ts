import { defineResource, type ObjectOf } from "../../apimachinery/resource.js";
import {
  addRules,
  type Infer,
  int32,
  list,
  object,
  oneOf,
  optional,
  ref,
  string,
} from "../../apimachinery/schema/schema.js";
import { endpointsColumns } from "./endpoints-columns.js";
import { addressRules, subsetRules } from "./endpoints-rules.js";
import { type ObjectReference, objectReference } from "./reference.js";

/** Addresses that share their ports: each address serves each port. */
export const endpointSubset = object("EndpointSubset", {
  addresses: optional(list(ref<EndpointAddress>(() => endpointAddress))),
  /** Addresses that do not take traffic yet. */
  notReadyAddresses: optional(list(ref<EndpointAddress>(() => endpointAddress))),
  ports: optional(list(ref<EndpointPort>(() => endpointPort))),
});
export interface EndpointSubset extends Infer<typeof endpointSubset> {}
addRules(endpointSubset, { validate: subsetRules });

/** One address behind a service. */
export const endpointAddress = object(
  "EndpointAddress",
  {
    ip: string({ nonEmpty: true }),
    hostname: optional(string()),
    nodeName: optional(string()),
    targetRef: optional(ref<ObjectReference>(() => objectReference)),
  },
  { mapType: "atomic" },
);
export interface EndpointAddress extends Infer<typeof endpointAddress> {}
addRules(endpointAddress, { validate: addressRules });

/** A port behind a service. */
export const endpointPort = object(
  "EndpointPort",
  {
    port: int32({ min: 1, max: 65535 }),
    appProtocol: optional(string()),
    name: optional(string()),
    protocol: oneOf(["TCP", "UDP", "SCTP"], { default: "TCP" }),
  },
  { mapType: "atomic" },
);
export interface EndpointPort extends Infer<typeof endpointPort> {}

/** The addresses behind a service, all in one object; EndpointSlices have taken its place. */
export const endpoints = defineResource({
  group: "",
  version: "v1",
  kind: "Endpoints",
  plural: "endpoints",
  shortNames: ["ep"],
  deprecated: "v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice",
  scope: "Namespaced",
  fields: {
    subsets: optional(list(ref<EndpointSubset>(() => endpointSubset))),
  },
  allowCreateOnUpdate: true,
  columns: endpointsColumns,
});
export interface Endpoints extends ObjectOf<typeof endpoints> {}
