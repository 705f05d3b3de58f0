import type { LabelSelector } from "../../apimachinery/label-selector.js";
import type { Column, ObjectWith } from "../../apimachinery/resource.js";
import { formatLabelSelector } from "../../apimachinery/selector/label.js";
import type { PodTemplateSpec } from "../core/pod/template.js";

/** Names and images of a template's containers. */
export const containerColumns: readonly Column<ObjectWith<{ readonly template: PodTemplateSpec }>>[] = [
  {
    name: "Containers",
    priority: 1,
    cell: ({ spec }) => spec.template.spec.containers.map(({ name }) => name).join(","),
  },
  {
    name: "Images",
    priority: 1,
    cell: ({ spec }) => spec.template.spec.containers.map(({ image = "" }) => image).join(","),
  },
];

/** The wide columns of workloads with a pod template. */
export const templateColumns: readonly Column<
  ObjectWith<{ readonly template: PodTemplateSpec; readonly selector: LabelSelector }>
>[] = [...containerColumns, { name: "Selector", priority: 1, cell: ({ spec }) => formatLabelSelector(spec.selector) }];
