import { type TableOptions, TablePrinter } from "./table.js";

const options: TableOptions = {
  wide: false,
  withNamespace: false,
  noHeaders: false,
  showLabels: false,
  labelColumns: [],
};
const columnDefinitions = [
  { name: "Name", format: "name" },
  { name: "Ready" },
  { name: "Node", priority: 1 },
  { name: "Age" },
];
const row = (name: string, ready = "1/1") => ({
  cells: [name, ready, "n1", "5s"],
  object: { metadata: { name, namespace: "default", labels: { app: "web", tier: "x" } } },
});

describe("table", () => {
  it("leaves out columns of lower priority", () => {
    expect(new TablePrinter(options).print({ columnDefinitions, rows: [row("a")] })).toBe(
      "NAME   READY   AGE\na      1/1     5s\n",
    );
  });
  it("shows them when wide, with namespaces, kinds and labels where asked for", () => {
    const printer = new TablePrinter({
      ...options,
      wide: true,
      withNamespace: true,
      showLabels: true,
      labelColumns: ["k8s.io/app", "tier"],
      kindPrefix: "pod",
    });
    expect(printer.print({ columnDefinitions, rows: [row("a")] })).toBe(
      "NAMESPACE   NAME    READY   NODE   AGE   APP   TIER   LABELS\n" +
        "default     pod/a   1/1     n1     5s          x      app=web,tier=x\n",
    );
  });
  it("prints headers once and never narrows a column", () => {
    const printer = new TablePrinter(options);
    printer.print({ columnDefinitions, rows: [row("a-rather-long-name")] });
    expect(printer.print({ columnDefinitions, rows: [row("b")] })).toBe("b                    1/1     5s\n");
  });
  it("cuts a cell at its first line and shows no control characters", () => {
    const printer = new TablePrinter({ ...options, noHeaders: true });
    expect(printer.print({ columnDefinitions, rows: [row("a", "one\ntwo"), row("b", "\u001b[31mred")] })).toBe(
      "a     one...      5s\nb     ^[[31mred   5s\n",
    );
  });
  it("prints an absent cell as nothing", () => {
    const printer = new TablePrinter({ ...options, noHeaders: true });
    expect(printer.print({ columnDefinitions, rows: [{ cells: ["a", null, "", "1s"] }] })).toBe("a           1s\n");
  });
});
