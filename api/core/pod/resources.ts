import {
  addRules,
  type Infer,
  list,
  map,
  object,
  oneOf,
  optional,
  quantity,
  ref,
  string,
} from "../../../apimachinery/schema/schema.js";
import { resourceRequirementRules } from "./resource-rules.js";

/** What a container, or a whole pod, needs and may use at most. */
export const resourceRequirements = object("ResourceRequirements", {
  /** Most that may be used, by resource: CPU above it is held back, memory above it ends the process. */
  limits: optional(map(quantity())),
  /** What the scheduler sets aside on the node, by resource; the limits where absent. */
  requests: optional(map(quantity())),
  /** Entries of the pod's `resourceClaims` whose devices the container gets. */
  claims: optional(
    list(
      ref<ResourceClaim>(() => resourceClaim),
      { mapKeys: ["name"] },
    ),
  ),
});
export interface ResourceRequirements extends Infer<typeof resourceRequirements> {}
addRules(resourceRequirements, { validate: resourceRequirementRules });

/** A claim of the pod that the container uses. */
export const resourceClaim = object("ResourceClaim", {
  /** Entry of the pod's `resourceClaims`. */
  name: string({ nonEmpty: true }),
  /** One request of the claim; absent gives the container all of them. */
  request: optional(string()),
});
export interface ResourceClaim extends Infer<typeof resourceClaim> {}

/** Whether a container restarts when one of its resources changes. */
export const containerResizePolicy = object("ContainerResizePolicy", {
  /** `cpu` or `memory`. */
  resourceName: string({ nonEmpty: true }),
  /** NotRequired changes it while the container runs; RestartContainer starts the container anew. */
  restartPolicy: oneOf(["NotRequired", "RestartContainer"]),
});
export interface ContainerResizePolicy extends Infer<typeof containerResizePolicy> {}
