import fc from "fast-check";
import { CallError } from "./channel.js";
import { withHandlers } from "./features.js";
import { conditionsOf, unreachable, versionProblem } from "./readiness.js";

const told = (runtimeName: string, runtimeVersion: string, runtimeApiVersion = "v1") =>
  versionProblem({ runtimeName, runtimeVersion, runtimeApiVersion });

describe("a container runtime", () => {
  it.each([
    ["containerd", "1.6.20~ds1", "v1"],
    ["containerd", "v1.6.0", "v1"],
    ["containerd", "v1.7.0-rc.1", "v1"],
    ["containerd", "v2.1.4", "v1"],
    ["containerd", "unknown", "v1"],
    ["cri-o", "1.20.0", "v1"],
    ["docker", "24.0.7", "1.43.0"],
    ["docker", "24.0.7", ""],
  ])("is used: %s %s, CRI %s", (name, version, api) => {
    expect(told(name, version, api)).toBeUndefined();
  });

  it.each([
    ["containerd", "1.5.18", "v1", "ContainerRuntimeTooOld", "containerd 1.5.18 is too old: install"],
    ["containerd", "v0.2.9", "v1", "ContainerRuntimeTooOld", "containerd v0.2.9 is too old: install"],
    ["cri-o", "1.19.0", "v1alpha2", "ContainerRuntimeApiUnsupported", "cri-o 1.19.0 speaks version v1alpha2 of CRI"],
    ["containerd", "3.0.0", "v2", "ContainerRuntimeApiUnsupported", "this node v1: install"],
  ])("is refused, with what to do: %s %s, CRI %s", (name, version, api, reason, message) => {
    expect(told(name, version, api)).toEqual([
      { type: "RuntimeReady", status: false, reason, message: expect.stringContaining(message) },
      { type: "NetworkReady", status: false, reason, message: expect.any(String) },
    ]);
  });

  it("of containerd is used from one release on, whatever the rest of its version", () => {
    fc.assert(
      fc.property(fc.nat(3), fc.nat(30), fc.string({ maxLength: 8 }), (major, minor, rest) => {
        const isOld = major === 0 || (major === 1 && minor < 6);
        expect(told("containerd", `${major}.${minor}.0${rest}`) !== undefined).toBe(isOld);
      }),
    );
  });

  it("that knows none of our calls is too old, one that nobody finds is to be started", () => {
    const [old] = unreachable("/run/x.sock", new CallError("unimplemented", "unknown service"));
    expect(old).toMatchObject({ reason: "ContainerRuntimeTooOld", message: expect.stringContaining("/run/x.sock") });
    const [gone] = unreachable("/run/x.sock", new CallError("unreachable", "nothing answers"));
    expect(gone).toMatchObject({ reason: "ContainerRuntimeUnreachable", message: expect.stringContaining("start") });
  });

  it("that is not ready says so itself, and we what to look for", () => {
    const answer = {
      status: { conditions: [{ type: "RuntimeReady", status: true, reason: "", message: "" }] },
      info: {},
      runtimeHandlers: [],
      features: undefined,
    };
    expect(conditionsOf(answer)).toEqual([
      { type: "RuntimeReady", status: true, reason: "", message: "" },
      expect.objectContaining({ type: "NetworkReady", status: false, message: expect.stringContaining("CNI") }),
    ]);
  });

  it("makes mounts read-only with all below if its usual handler says that it can", () => {
    const handler = (name: string, recursiveReadOnlyMounts: boolean) => ({
      name,
      features: { recursiveReadOnlyMounts, userNamespaces: false },
    });
    expect(withHandlers([]).recursiveReadOnly).toBe(false);
    expect(withHandlers([handler("", false), handler("other", true)]).recursiveReadOnly).toBe(false);
    expect(withHandlers([handler("other", false), handler("", true)]).recursiveReadOnly).toBe(true);
  });
});
