import { mountPoints } from "../host-mounts.js";
import { container, pod } from "../pod/pod.test-kit.js";
import { memoryBytes } from "./empty-dir.js";

const limited = (...limits: readonly (string | undefined)[]) =>
  pod({
    containers: limits.map((memory, index) =>
      container(`c${index}`, memory === undefined ? {} : { resources: { limits: { memory } } }),
    ),
  });

describe("the size of a volume in memory", () => {
  const mi = 1024 * 1024;
  it.each([
    ["what is asked for", ["1Gi"], "64Mi", 64 * mi],
    ["no more than the pod may use", ["32Mi", "16Mi"], "64Mi", 48 * mi],
    ["all that the pod may use", ["32Mi", "16Mi"], undefined, 48 * mi],
    ["all that the node has, where a container has no limit", ["32Mi", undefined], undefined, 1024 * mi],
    ["no limit where zero is asked for", [undefined], "0", 1024 * mi],
  ])("is %s", (_what, limits, sizeLimit, expected) => {
    expect(memoryBytes(limited(...limits), sizeLimit, { memory: "1Gi" })).toBe(expected);
  });
});

it("mount points are read with the characters that the kernel escapes", () => {
  expect(mountPoints("22 1 0:5 / /a\\040b rw - tmpfs tmpfs rw\n23 1 0:6 / /c rw - proc proc rw\n")).toEqual([
    "/a b",
    "/c",
  ]);
});
