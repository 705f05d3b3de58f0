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

export const resourceRequirements = object("ResourceRequirements", {
  limits: optional(map(quantity())),
  requests: optional(map(quantity())),
  claims: optional(
    list(
      ref<ResourceClaim>(() => resourceClaim),
      { mapKeys: ["name"] },
    ),
  ),
});
export interface ResourceRequirements extends Infer<typeof resourceRequirements> {}
addRules(resourceRequirements, { validate: resourceRequirementRules });

export const resourceClaim = object("ResourceClaim", {
  name: string({ nonEmpty: true }),
  request: optional(string()),
});
export interface ResourceClaim extends Infer<typeof resourceClaim> {}

export const containerResizePolicy = object("ContainerResizePolicy", {
  resourceName: string({ nonEmpty: true }),
  restartPolicy: oneOf(["NotRequired", "RestartContainer"]),
});
export interface ContainerResizePolicy extends Infer<typeof containerResizePolicy> {}
