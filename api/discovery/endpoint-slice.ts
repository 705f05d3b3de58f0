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
  addresses: list(string(), { listType: "set", default: [] }),
  conditions: ref<EndpointConditions>(() => endpointConditions, { default: {} }),
  hostname: optional(string()),
  targetRef: optional(ref<ObjectReference>(() => objectReference)),
  nodeName: optional(string()),
  zone: optional(string()),
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
  terminating: optional(boolean()),
});
export interface EndpointConditions extends Infer<typeof endpointConditions> {}

/** Who should use a backend by preference. */
export const endpointHints = object("EndpointHints", {
  forNodes: optional(list(ref<ForNode>(() => forNode))),
  forZones: optional(list(ref<ForZone>(() => forZone))),
});
export interface EndpointHints extends Infer<typeof endpointHints> {}

/** A zone whose clients should use a backend. */
export const forZone = object("ForZone", {
  name: string({ default: "" }),
});
export interface ForZone extends Infer<typeof forZone> {}

/** A node whose clients should use a backend. */
export const forNode = object("ForNode", {
  name: string({ default: "" }),
});
export interface ForNode extends Infer<typeof forNode> {}

/** A port behind a service. */
export const endpointPort = object(
  "EndpointPort",
  {
    appProtocol: optional(string()),
    name: string({ default: "", keepEmpty: true }),
    port: optional(int32()),
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
    endpoints: optional(list(ref<Endpoint>(() => endpoint))),
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
