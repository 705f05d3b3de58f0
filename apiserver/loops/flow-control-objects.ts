/** Flow schemas and priority levels: those that every cluster has, and what is found of all of them. */
import { type FlowSchema, type FlowSchemaCondition, flowSchemas } from "../../api/flowcontrol/flow-schema.js";
import { priorityLevelConfigurations } from "../../api/flowcontrol/priority-level-configuration.js";
import { StatusError } from "../../apimachinery/status.js";
import { type Clock, toTime } from "../../base/clock.js";
import { bootstrapFlowSchemas, bootstrapPriorityLevels } from "../../manifests/bootstrap/flow-control.js";
import { asSelf, ensure } from "../registry/ensure.js";
import type { Registry } from "../registry/registry.js";

export interface FlowControlOptions {
  readonly registry: Registry;
  readonly clock: Clock;
}

/** Writes what is missing; what is there is left as its owners changed it. */
export async function ensureFlowControl({ registry }: Pick<FlowControlOptions, "registry">): Promise<void> {
  await Promise.all([
    ...bootstrapPriorityLevels.map((draft) => ensure(registry, priorityLevelConfigurations, draft)),
    ...bootstrapFlowSchemas.map((draft) => ensure(registry, flowSchemas, draft)),
  ]);
}

/** Says of each flow schema whether the level that it names is there. */
export async function tellDangling({ registry, clock }: FlowControlOptions): Promise<void> {
  const lastTransitionTime = toTime(clock.now());
  for (const schema of registry.reads.list(flowSchemas, "")) {
    const level = schema.spec.priorityLevelConfiguration.name;
    const isThere = registry.reads.get(priorityLevelConfigurations, "", level) !== undefined;
    const condition = { ...danglingCondition(level, isThere), lastTransitionTime };
    const next = (current: FlowSchema): FlowSchema => withCondition(current, condition);
    if (next(schema) === schema) continue;
    const at = { namespace: "", name: schema.metadata.name };
    const change = { subresource: "status", part: "status" as const, next };
    await registry.update(flowSchemas, at, change, asSelf).catch((error: unknown) => {
      if (!(error instanceof StatusError && error.reason === "NotFound")) throw error;
    });
  }
}

/** The condition `Dangling` of a flow schema. */
export function danglingCondition(level: string, isThere: boolean): FlowSchemaCondition {
  const reference = `This FlowSchema references the PriorityLevelConfiguration object named ${JSON.stringify(level)}`;
  return isThere
    ? { type: "Dangling", status: "False", reason: "Found", message: `${reference} and it exists` }
    : { type: "Dangling", status: "True", reason: "NotFound", message: `${reference} but there is no such object` };
}

function withCondition(schema: FlowSchema, condition: FlowSchemaCondition): FlowSchema {
  const { conditions = [] } = schema.status ?? {};
  const found = conditions.find(({ type }) => type === condition.type);
  if (found && found.status === condition.status && found.message === condition.message) return schema;
  const others = conditions.filter(({ type }) => type !== condition.type);
  return { ...schema, status: { ...schema.status, conditions: [...others, condition] } };
}
