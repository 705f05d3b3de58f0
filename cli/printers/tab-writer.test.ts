import fc from "fast-check";
import { alignTabs, describeTabs, tableTabs } from "./tab-writer.js";

describe("tab writer", () => {
  it("makes a column as wide as its widest cell and the padding", () => {
    expect(alignTabs("NAME\tAGE\nlong-name\t1s\n", tableTabs)).toBe("NAME        AGE\nlong-name   1s\n");
  });
  it("keeps a minimum width", () => {
    expect(alignTabs("A\tB\n", tableTabs)).toBe("A     B\n");
  });
  it("aligns only neighbouring lines", () => {
    expect(alignTabs("Name:\tx\nIPs:\n  IP:\ty\nControlled By:\tz\n", describeTabs)).toBe(
      "Name:  x\nIPs:\n  IP:           y\nControlled By:  z\n",
    );
  });
  it("aligns inner columns within the block of the outer one", () => {
    expect(alignTabs("a\tb\tc\nd\te\nffff\tgggg\th\n", describeTabs)).toBe("a     b  c\nd     e\nffff  gggg  h\n");
  });
  it("leaves the last cell of a line alone", () => {
    fc.assert(
      fc.property(fc.array(fc.array(fc.stringMatching(/^[a-z]{0,6}$/), { minLength: 1 }), { minLength: 1 }), (rows) => {
        const lines = alignTabs(rows.map((cells) => cells.join("\t")).join("\n"), describeTabs).split("\n");
        expect(lines).toHaveLength(rows.length);
        expect(lines.every((line, index) => line.endsWith(rows[index]?.at(-1) ?? ""))).toBe(true);
      }),
    );
  });
});
