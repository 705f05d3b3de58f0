import { ageColumn, defineResource, nameColumn, type ObjectOf } from "../../apimachinery/resource.js";
import {
  addRules,
  boolean,
  exactInt64,
  type Infer,
  list,
  map,
  object,
  optional,
  quantity,
  ref,
  string,
} from "../../apimachinery/schema/schema.js";
import { type NodeSelector, nodeSelector } from "../core/pod/affinity.js";
import { type Device, device } from "./device.js";
import { sliceRules } from "./rules.js";

/** Devices of one driver that lie together. */
export const resourceSliceSpec = object("ResourceSliceSpec", {
  driver: string({ default: "", nonEmpty: true }),
  pool: ref<ResourcePool>(() => resourcePool, { default: {} }),
  nodeName: optional(string()),
  nodeSelector: optional(ref<NodeSelector>(() => nodeSelector)),
  allNodes: optional(boolean()),
  devices: optional(list(ref<Device>(() => device))),
  perDeviceNodeSelection: optional(boolean()),
  sharedCounters: optional(list(ref<CounterSet>(() => counterSet))),
});
export interface ResourceSliceSpec extends Infer<typeof resourceSliceSpec> {}
addRules(resourceSliceSpec, { validate: sliceRules });

/** The pool that a slice is part of. */
export const resourcePool = object("ResourcePool", {
  name: string({ nonEmpty: true }),
  generation: exactInt64({ default: 0 }),
  resourceSliceCount: exactInt64({ default: 0 }),
});
export interface ResourcePool extends Infer<typeof resourcePool> {}

/** Counters that devices share. */
export const counterSet = object("CounterSet", {
  name: string({ nonEmpty: true }),
  counters: map(ref<Counter>(() => counter)),
});
export interface CounterSet extends Infer<typeof counterSet> {}

/** How much there is of something shared. */
export const counter = object("Counter", {
  value: quantity(),
});
export interface Counter extends Infer<typeof counter> {}

/** Devices that a driver offers. */
export const resourceSlices = defineResource({
  group: "resource.k8s.io",
  version: "v1",
  kind: "ResourceSlice",
  plural: "resourceslices",
  scope: "Cluster",
  spec: resourceSliceSpec,
  notBuilt: "effect",
  immutable: ["spec.driver", "spec.pool.name", "spec.nodeName"],
  selectableFields: {
    "spec.driver": ({ spec }) => spec.driver,
    "spec.nodeName": ({ spec }) => spec.nodeName ?? "",
  },
  columns: [
    nameColumn,
    { name: "Node", cell: ({ spec }) => spec.nodeName },
    { name: "Driver", cell: ({ spec }) => spec.driver },
    { name: "Pool", cell: ({ spec }) => spec.pool.name },
    ageColumn,
  ],
});
export interface ResourceSlice extends ObjectOf<typeof resourceSlices> {}
