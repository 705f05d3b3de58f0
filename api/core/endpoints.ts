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
  /** Addresses that take traffic. */
  addresses: optional(list(ref<EndpointAddress>(() => endpointAddress))),
  /** Addresses that do not take traffic yet. */
  notReadyAddresses: optional(list(ref<EndpointAddress>(() => endpointAddress))),
  /** Ports on which every address of this set listens. */
  ports: optional(list(ref<EndpointPort>(() => endpointPort))),
});
export interface EndpointSubset extends Infer<typeof endpointSubset> {}
addRules(endpointSubset, { validate: subsetRules });

/** One address behind a service. */
export const endpointAddress = object(
  "EndpointAddress",
  {
    /** IPv4 or IPv6 address; not loopback, link-local or multicast. */
    ip: string({ nonEmpty: true }),
    /** Name under which DNS answers with this address alone. */
    hostname: optional(string()),
    /** Node on which it lies. */
    nodeName: optional(string()),
    /** What answers there, mostly a pod. */
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
    /** Number of the port, 1 to 65535. */
    port: int32({ min: 1, max: 65535 }),
    /** What is spoken there, such as `kubernetes.io/h2c`; a hint for proxies. */
    appProtocol: optional(string()),
    /** Name of the service's port that leads here; needed where there are several. */
    name: optional(string()),
    /** TCP (the default), UDP or SCTP. */
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
    /** All addresses of the service, grouped by the ports that they have. */
    subsets: optional(list(ref<EndpointSubset>(() => endpointSubset))),
  },
  allowCreateOnUpdate: true,
  columns: endpointsColumns,
});
export interface Endpoints extends ObjectOf<typeof endpoints> {}
