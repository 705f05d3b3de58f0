import { parseColumnTemplate, parseCustomColumns, printCustomColumns } from "./custom-columns.js";
import { compareKeys, sortByPath } from "./sort.js";

const objects = [
  { metadata: { name: "b", finalizers: ["x", "y"], labels: { a: "1" } }, spec: { replicas: 10, memory: "1Gi" } },
  { metadata: { name: "a" }, spec: { replicas: 9, memory: "512Mi" } },
];

describe("custom columns", () => {
  it("prints values as Go does and <none> for what is absent", () => {
    const columns = parseCustomColumns(
      "NAME:.metadata.name,FIN:.metadata.finalizers,EACH:.metadata.finalizers[*],L:{.metadata.labels}",
    );
    expect(printCustomColumns(columns, objects, false)).toBe(
      "NAME   FIN      EACH     L\nb      [x y]    x,y      map[a:1]\na      <none>   <none>   <none>\n",
    );
  });
  it("keeps commas inside brackets", () => {
    expect(parseCustomColumns("A:.x[0,1],B:.y").map(({ path }) => path)).toEqual(["{.x[0,1]}", "{.y}"]);
  });
  it("reads a template file", () => {
    expect(parseColumnTemplate("NAME  COUNT\n.metadata.name  .spec.replicas\n")).toEqual([
      { header: "NAME", path: "{.metadata.name}" },
      { header: "COUNT", path: "{.spec.replicas}" },
    ]);
  });
  it.each([
    ["", "no custom columns given"],
    ["NAME", "expected <header>:<json-path-expr>"],
  ])("refuses %j", (spec, message) => {
    expect(() => parseCustomColumns(spec)).toThrow(message);
  });
});

describe("sorting", () => {
  const names = (path: string): string[] =>
    sortByPath(objects, path, (object) => object).map(({ metadata }) => metadata.name);
  it("compares texts, numbers and quantities each in their way", () => {
    expect(names(".metadata.name")).toEqual(["a", "b"]);
    expect(names("{.spec.replicas}")).toEqual(["a", "b"]);
    expect(names("spec.memory")).toEqual(["a", "b"]);
  });
  it("puts absent values first", () => {
    expect(names(".metadata.finalizers[0]")).toEqual(["a", "b"]);
    expect(compareKeys(undefined, "a")).toBeLessThan(0);
    expect(compareKeys(null, undefined)).toBe(0);
  });
});
