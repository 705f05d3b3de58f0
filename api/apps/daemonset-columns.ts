import { ageColumn, type Column, nameColumn, type ObjectWith } from "../../apimachinery/resource.js";
import { labelText } from "../core/label-text.js";
import type { DaemonSetSpec, DaemonSetStatus } from "./daemonset.js";
import { templateColumns } from "./template-columns.js";

/** What `kubectl get daemonsets` shows. */
export const daemonSetColumns: readonly Column<ObjectWith<DaemonSetSpec, DaemonSetStatus>>[] = [
  nameColumn,
  { name: "Desired", type: "integer", cell: ({ status }) => status?.desiredNumberScheduled ?? 0 },
  { name: "Current", type: "integer", cell: ({ status }) => status?.currentNumberScheduled ?? 0 },
  { name: "Ready", type: "integer", cell: ({ status }) => status?.numberReady ?? 0 },
  { name: "Up-to-date", type: "integer", cell: ({ status }) => status?.updatedNumberScheduled ?? 0 },
  { name: "Available", type: "integer", cell: ({ status }) => status?.numberAvailable ?? 0 },
  { name: "Node Selector", cell: ({ spec }) => labelText(spec.template.spec.nodeSelector) },
  ageColumn,
  ...templateColumns,
];
