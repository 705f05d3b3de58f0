import { canBeWhollyReadOnly, mountStatuses } from "./mount-status.js";
import { container, pod } from "./pod.test-kit.js";

const mount = { name: "v", mountPath: "/v" };

describe("mounts in a container's status", () => {
  it("are those that it asks for, in their order", () => {
    const asked = [mount, { name: "w", mountPath: "/w", subPath: "x", readOnly: false }];
    expect(mountStatuses(container("a", { volumeMounts: asked }), true)).toEqual([
      mount,
      { name: "w", mountPath: "/w" },
    ]);
    expect(mountStatuses(container("a"), true)).toEqual([]);
  });

  it.each([
    [undefined, true, "Disabled"],
    ["Disabled", true, "Disabled"],
    ["IfPossible", true, "Enabled"],
    ["IfPossible", false, "Disabled"],
    ["Enabled", true, "Enabled"],
  ] as const)("say whether all below is read-only: %s where the node can: %s", (asked, can, told) => {
    const readOnly = { ...mount, readOnly: true, ...(asked === undefined ? {} : { recursiveReadOnly: asked }) };
    expect(mountStatuses(container("a", { volumeMounts: [readOnly] }), can)).toEqual([
      { ...mount, readOnly: true, recursiveReadOnly: told },
    ]);
  });

  it("promise nothing of handlers that nobody knows", () => {
    expect(canBeWhollyReadOnly(pod(), { recursiveReadOnly: true })).toBe(true);
    expect(canBeWhollyReadOnly(pod(), { recursiveReadOnly: false })).toBe(false);
    expect(canBeWhollyReadOnly(pod({ runtimeClassName: "other" }), { recursiveReadOnly: true })).toBe(false);
  });
});
