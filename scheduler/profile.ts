import type { WeightedPlugin } from "./framework.js";
import { balancedAllocation } from "./plugins/balanced-allocation.js";
import { imageLocality } from "./plugins/image-locality.js";
import { nodeAffinity } from "./plugins/node-affinity.js";
import { nodeName } from "./plugins/node-name.js";
import { nodePorts } from "./plugins/node-ports.js";
import { nodeResourcesFit } from "./plugins/node-resources-fit.js";
import { nodeUnschedulable } from "./plugins/node-unschedulable.js";
import { podTopologySpread } from "./plugins/pod-topology-spread.js";
import { schedulingGates } from "./plugins/scheduling-gates.js";
import { taintToleration } from "./plugins/taint-toleration.js";
import { unsupportedAffinity } from "./plugins/unsupported-affinity.js";

/** The rules of the default scheduler, in the order in which they filter. */
export const defaultProfile: readonly WeightedPlugin[] = [
  { plugin: schedulingGates, weight: 0 },
  { plugin: unsupportedAffinity, weight: 0 },
  { plugin: nodeUnschedulable, weight: 0 },
  { plugin: nodeName, weight: 0 },
  { plugin: taintToleration, weight: 3 },
  { plugin: nodeAffinity, weight: 2 },
  { plugin: nodePorts, weight: 0 },
  { plugin: nodeResourcesFit, weight: 1 },
  { plugin: podTopologySpread, weight: 2 },
  { plugin: balancedAllocation, weight: 1 },
  { plugin: imageLocality, weight: 1 },
];
