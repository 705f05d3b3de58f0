import type { KubeObject } from "../meta.js";
import { defineResource } from "../resource.js";
import { int32, object, string } from "../schema/schema.js";
import { rowOf, tableOf } from "./table.js";

const nowMs = Date.UTC(2030, 0, 1, 0, 5);
const widgets = defineResource({
  group: "example.com",
  version: "v1",
  kind: "Widget",
  plural: "widgets",
  scope: "Namespaced",
  spec: object("WidgetSpec", { size: int32(), colour: string() }),
  columns: [
    { name: "Name", cell: ({ metadata }: KubeObject) => metadata.name },
    { name: "Size", type: "integer", cell: ({ spec }: { spec: { size: number } }) => spec.size },
    { name: "Owner", priority: 1, description: "Who has it", cell: () => undefined },
    { name: "Age", type: "date", cell: ({ metadata }: KubeObject) => metadata.creationTimestamp },
  ],
});
const widget = (name: string, creationTimestamp = "2030-01-01T00:00:00Z") => ({
  apiVersion: "example.com/v1",
  kind: "Widget",
  metadata: { name, uid: "u", resourceVersion: "1", creationTimestamp },
  spec: { size: 3, colour: "red" },
});

describe("tables", () => {
  it("tell the columns and one row an object, with its metadata", () => {
    const table = tableOf(widgets, [widget("a")], { nowMs, metadata: { resourceVersion: "7" } });
    expect(table).toMatchObject({ kind: "Table", apiVersion: "meta.k8s.io/v1", metadata: { resourceVersion: "7" } });
    expect(table.columnDefinitions).toEqual([
      { name: "Name", type: "string", format: "name", description: "", priority: 0 },
      { name: "Size", type: "integer", format: "", description: "", priority: 0 },
      { name: "Owner", type: "string", format: "", description: "Who has it", priority: 1 },
      { name: "Age", type: "date", format: "", description: "", priority: 0 },
    ]);
    expect(table.rows).toEqual([
      {
        cells: ["a", 3, "<none>", "5m"],
        object: { kind: "PartialObjectMetadata", apiVersion: "meta.k8s.io/v1", metadata: widget("a").metadata },
      },
    ]);
  });

  it("carry the whole object or nothing of it when asked", () => {
    expect(rowOf(widgets, widget("a"), { nowMs, includeObject: "Object" }).object).toEqual(widget("a"));
    expect(rowOf(widgets, widget("a"), { nowMs, includeObject: "None" })).not.toHaveProperty("object");
  });

  it("leave the columns out of all but the first table of a watch", () => {
    expect(tableOf(widgets, [widget("a")], { nowMs, columnDefinitions: false }).columnDefinitions).toEqual([]);
  });

  it("say so when an age cannot be told", () => {
    expect(rowOf(widgets, widget("a", "2031-01-01T00:00:00Z"), { nowMs }).cells[3]).toBe("<invalid>");
    expect(rowOf(widgets, widget("a", "soon"), { nowMs }).cells[3]).toBe("<unknown>");
  });
});
