import { describeContainers } from "./containers.js";
import { Layout } from "./layout.js";

describe("a container's environment", () => {
  const resources = {
    requests: { cpu: "250m", "ephemeral-storage": "10Mi" },
    limits: { cpu: "1500m", memory: "128Mi" },
  };
  it.each([
    ["requests.cpu", undefined, "1"],
    ["limits.cpu", "0", "2"],
    ["limits.memory", "1Mi", "128"],
    ["requests.cpu", "1m", "250"],
    ["requests.ephemeral-storage", undefined, "10485760"],
    ["limits.ephemeral-storage", undefined, "0"],
    ["requests.memory", undefined, "0"],
  ])("%s by %s is %s", (resource, divisor, text) => {
    expect(shown({ resource, ...(divisor === undefined ? {} : { divisor }) }, { resources })).toContain(
      `A:\t${text} (${resource})\n`,
    );
  });
  it("has what the node gives where there is no limit", () => {
    expect(shown({ resource: "limits.cpu" }, {})).toContain("A:\tnode allocatable (limits.cpu)\n");
    expect(shown({ resource: "limits.memory" }, {})).toContain("A:\tnode allocatable (limits.memory)\n");
  });
});

function shown(resourceFieldRef: { readonly resource: string; readonly divisor?: string }, more: object): string {
  const layout = new Layout();
  const env = [{ name: "A", valueFrom: { resourceFieldRef } }];
  describeContainers(layout, 0, "Containers", [{ name: "main", env, ...more }], undefined);
  return layout.raw;
}
