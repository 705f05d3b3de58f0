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
  /** The driver that offers the devices; never changes. */
  driver: string({ default: "", nonEmpty: true }),
  /** Slices of one name and generation form a whole; the name never changes. */
  pool: ref<ResourcePool>(() => resourcePool, { default: {} }),
  /** The one node that can use the devices; never changes. One of the four ways to say it. */
  nodeName: optional(string()),
  /** Nodes that can use the devices. */
  nodeSelector: optional(ref<NodeSelector>(() => nodeSelector)),
  /** Whether every node can use the devices. */
  allNodes: optional(boolean()),
  /** The devices, each name once. */
  devices: optional(list(ref<Device>(() => device))),
  /** Whether each device says for itself which nodes can use it. */
  perDeviceNodeSelection: optional(boolean()),
  /** Sets of counters from which devices of the pool take. */
  sharedCounters: optional(list(ref<CounterSet>(() => counterSet))),
});
export interface ResourceSliceSpec extends Infer<typeof resourceSliceSpec> {}
addRules(resourceSliceSpec, { validate: sliceRules });

/** The pool that a slice is part of. */
export const resourcePool = object("ResourcePool", {
  /** Name of the pool; once for a driver. */
  name: string({ nonEmpty: true }),
  /** Goes up with every change of the pool; slices of lower generations no longer count. */
  generation: exactInt64({ default: 0 }),
  /** Slices of this generation; the pool is whole once all are there. */
  resourceSliceCount: exactInt64({ default: 0 }),
});
export interface ResourcePool extends Infer<typeof resourcePool> {}

/** Counters that devices share. */
export const counterSet = object("CounterSet", {
  /** Name of the set, once in its pool. */
  name: string({ nonEmpty: true }),
  /** How much there is, by counter. */
  counters: map(ref<Counter>(() => counter)),
});
export interface CounterSet extends Infer<typeof counterSet> {}

/** How much there is of something shared. */
export const counter = object("Counter", {
  /** The amount. */
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
