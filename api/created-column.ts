import type { KubeObject } from "../apimachinery/meta.js";
import type { Column } from "../apimachinery/resource.js";

/** For kinds that show when they were made, not how long ago. */
export const createdColumn: Column<KubeObject> = {
  name: "Created At",
  cell: ({ metadata }) => metadata.creationTimestamp,
};
