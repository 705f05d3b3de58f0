import { ageColumn, defineResource, nameColumn, type ObjectOf } from "../../apimachinery/resource.js";
import {
  boolean,
  type Infer,
  int32,
  list,
  map,
  object,
  oneOf,
  optional,
  ref,
  string,
} from "../../apimachinery/schema/schema.js";
import { firstOf } from "../core/endpoints-columns.js";
import { type ObjectReference, objectReference } from "../core/reference.js";
import { endpointSliceErrors } from "./endpoint-slice-rules.js";

/** One backend: its addresses, its state, where it is. */
export const endpoint = object("Endpoint", {
  /** Its addresses, all of the slice's `addressType`; 1 to 100, of which clients use the first. */
  addresses: list(string(), { listType: "set", default: [] }),
  /** Whether requests may be sent to it. */
  conditions: ref<EndpointConditions>(() => endpointConditions, { default: {} }),
  /** Name that it has under the service's DNS name. */
  hostname: optional(string()),
  /** The object behind the address, as a rule a pod. */
  targetRef: optional(ref<ObjectReference>(() => objectReference)),
  /** The node that it runs on. */
  nodeName: optional(string()),
  /** The zone that it is in. */
  zone: optional(string()),
  /** From where requests should come. */
  hints: optional(ref<EndpointHints>(() => endpointHints)),
  /** Left over from an earlier version of the API. */
  deprecatedTopology: optional(map(string())),
});
export interface Endpoint extends Infer<typeof endpoint> {}

/** Whether a backend takes traffic. */
export const endpointConditions = object("EndpointConditions", {
  /** Absent means yes. */
  ready: optional(boolean()),
  /** Ready, or still answering while it ends. */
  serving: optional(boolean()),
  /** Whether it is about to end; absent means no. */
  terminating: optional(boolean()),
});
export interface EndpointConditions extends Infer<typeof endpointConditions> {}

/** Who should use a backend by preference. */
export const endpointHints = object("EndpointHints", {
  /** Nodes whose requests it should take. */
  forNodes: optional(list(ref<ForNode>(() => forNode))),
  /** Zones whose requests it should take. */
  forZones: optional(list(ref<ForZone>(() => forZone))),
});
export interface EndpointHints extends Infer<typeof endpointHints> {}

/** A zone whose clients should use a backend. */
export const forZone = object("ForZone", {
  /** Name of the zone. */
  name: string({ default: "" }),
});
export interface ForZone extends Infer<typeof forZone> {}

/** A node whose clients should use a backend. */
export const forNode = object("ForNode", {
  /** Name of the node. */
  name: string({ default: "" }),
});
export interface ForNode extends Infer<typeof forNode> {}

/** A port behind a service. */
export const endpointPort = object(
  "EndpointPort",
  {
    /** What is spoken over it: `https`, `kubernetes.io/h2c`. */
    appProtocol: optional(string()),
    /** Name of the port, unlike the others'; empty only for one. */
    name: string({ default: "", keepEmpty: true }),
    /** Number of the port. */
    port: optional(int32()),
    /** TCP (the default), UDP or SCTP. */
    protocol: oneOf(["TCP", "UDP", "SCTP"], { default: "TCP" }),
  },
  { mapType: "atomic" },
);
export interface EndpointPort extends Infer<typeof endpointPort> {}

/** Some of the addresses behind a service. */
export const endpointSlices = defineResource({
  group: "discovery.k8s.io",
  version: "v1",
  kind: "EndpointSlice",
  plural: "endpointslices",
  scope: "Namespaced",
  fields: {
    /** Of all addresses in the slice. */
    addressType: oneOf(["IPv4", "IPv6", "FQDN"]),
    /** Whom the slice names; at most 1000. */
    endpoints: optional(list(ref<Endpoint>(() => endpoint))),
    /** Ports that each of them has; at most 20000, each name once. */
    ports: optional(list(ref<EndpointPort>(() => endpointPort))),
  },
  countsGeneration: true,
  immutable: ["addressType"],
  validate: (slice) => endpointSliceErrors(slice),
  columns: [
    nameColumn,
    { name: "AddressType", cell: ({ addressType }) => addressType },
    {
      name: "Ports",
      cell: ({ ports = [] }) =>
        firstOf(
          ports.map(({ port, name }) => (port === undefined ? name || "*" : String(port))),
          "<unset>",
        ),
    },
    {
      name: "Endpoints",
      cell: ({ endpoints = [] }) =>
        firstOf(
          endpoints.flatMap(({ addresses }) => addresses),
          "<unset>",
        ),
    },
    ageColumn,
  ],
});
export interface EndpointSlice extends ObjectOf<typeof endpointSlices> {}
