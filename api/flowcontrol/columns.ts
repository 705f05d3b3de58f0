import { ageColumn, type Column, nameColumn, type ObjectWith } from "../../apimachinery/resource.js";
import type { FlowSchemaSpec, FlowSchemaStatus } from "./flow-schema.js";
import type { PriorityLevelConfigurationSpec } from "./priority-level-configuration.js";

/** What kubectl shows of flow schemas and priority levels. */

export const flowSchemaColumns: readonly Column<ObjectWith<FlowSchemaSpec, FlowSchemaStatus>>[] = [
  nameColumn,
  { name: "PriorityLevel", cell: ({ spec }) => spec.priorityLevelConfiguration.name },
  { name: "MatchingPrecedence", type: "integer", cell: ({ spec }) => spec.matchingPrecedence },
  { name: "DistinguisherMethod", cell: ({ spec }) => spec.distinguisherMethod?.type },
  ageColumn,
  {
    name: "MissingPL",
    cell: ({ status }) => status?.conditions?.find(({ type }) => type === "Dangling")?.status ?? "?",
  },
];

export const priorityLevelColumns: readonly Column<ObjectWith<PriorityLevelConfigurationSpec>>[] = [
  nameColumn,
  { name: "Type", cell: ({ spec }) => spec.type },
  {
    name: "NominalConcurrencyShares",
    cell: ({ spec }) => (spec.limited ?? spec.exempt)?.nominalConcurrencyShares,
  },
  { name: "Queues", cell: ({ spec }) => spec.limited?.limitResponse.queuing?.queues },
  { name: "HandSize", cell: ({ spec }) => spec.limited?.limitResponse.queuing?.handSize },
  { name: "QueueLengthLimit", cell: ({ spec }) => spec.limited?.limitResponse.queuing?.queueLengthLimit },
  ageColumn,
];
