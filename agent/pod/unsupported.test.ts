import type { RuntimeFeatures } from "../runtime/runtime.js";
import { container, pod } from "./pod.test-kit.js";
import { containerRefusals, podRefusals } from "./unsupported.js";

const features: RuntimeFeatures = {
  ...{ mounts: true, hostname: true, ownProcessView: true, tty: false, resourceLimits: false },
  ...{ sharesHostNetwork: true, isReal: true, hostAccess: true, runsAs: { uid: 1000, gid: 1000 } },
  ...{ hostPorts: false, processNamespaces: false, sandboxSettings: false, recursiveReadOnly: false },
  securityContext: new Set(),
};
const ofPod = (spec: object, parts: Partial<RuntimeFeatures> = {}): readonly string[] => {
  const plain = pod();
  return podRefusals({ ...plain, spec: { ...plain.spec, ...spec } }, { ...features, ...parts }).map(
    ({ field }) => field,
  );
};

describe("what a node cannot give a pod", () => {
  it.each<[string, object, readonly string[]]>([
    ["nothing", {}, []],
    ["names in /etc/hosts", { hostAliases: [{ ip: "1.2.3.4", hostnames: ["a"] }] }, ["spec.hostAliases"]],
    ["name servers of its own", { dnsPolicy: "None", dnsConfig: { nameservers: ["1.1.1.1"] } }, ["spec.dnsPolicy"]],
    ["options of a resolver", { dnsConfig: { options: [{ name: "ndots" }] } }, ["spec.dnsConfig"]],
    [
      "a port of the host",
      { containers: [container("a", { ports: [{ containerPort: 80, hostPort: 80, protocol: "TCP" }] })] },
      ["spec.containers[0].ports[0].hostPort"],
    ],
    [
      "a rule of groups",
      { securityContext: { supplementalGroupsPolicy: "Strict" } },
      ["spec.securityContext.supplementalGroupsPolicy"],
    ],
    ["a group of its files", { securityContext: { fsGroup: 1001 } }, ["spec.securityContext.fsGroup"]],
    ["the group of its files that they have anyway", { securityContext: { fsGroup: 1000 } }, []],
    ["the usual rule of groups", { securityContext: { supplementalGroupsPolicy: "Merge" } }, []],
  ])("is refused by name: %s", (_title, spec, expected) => {
    expect(ofPod(spec, { mounts: false })).toEqual(expected);
  });

  it("is the host itself, unless the node is told to", () => {
    const spec = {
      hostNetwork: true,
      hostPID: true,
      hostIPC: true,
      volumes: [{ name: "root", hostPath: { path: "/" } }],
    };
    const fields = ["spec.hostNetwork", "spec.hostPID", "spec.hostIPC", "spec.volumes[0].hostPath"];
    expect(ofPod(spec, { hostAccess: false })).toEqual(fields);
    expect(ofPod(spec)).toEqual([]);
  });

  it("is no hostname of its own where pods share the host's, but for the one that is the pod's name", () => {
    expect(ofPod({ hostname: "other" }, { hostname: false })).toEqual(["spec.hostname"]);
    expect(ofPod({ hostname: "other" })).toEqual([]);
    expect(ofPod({ hostname: pod().metadata.name }, { hostname: false })).toEqual([]);
  });

  it("is mounts that are read-only with all below, unless they may be so only if possible", () => {
    const mounting = (recursiveReadOnly: "Enabled" | "IfPossible", parts: Partial<RuntimeFeatures> = {}) =>
      containerRefusals(
        container("a", { volumeMounts: [{ name: "v", mountPath: "/v", readOnly: true, recursiveReadOnly }] }),
        "spec.containers[0]",
        { ...features, ...parts },
      ).map(({ field }) => field);
    expect(mounting("Enabled")).toEqual(["spec.containers[0].volumeMounts[0].recursiveReadOnly"]);
    expect(mounting("IfPossible")).toEqual([]);
    expect(mounting("Enabled", { recursiveReadOnly: true })).toEqual([]);
  });

  it("is no promise to gain no rights, unless it can be kept", () => {
    const given = container("a", { securityContext: { allowPrivilegeEscalation: false } });
    expect(containerRefusals(given, "spec.containers[0]", features).map(({ field }) => field)).toEqual([
      "spec.containers[0].securityContext.allowPrivilegeEscalation",
    ]);
    const able = { ...features, securityContext: new Set(["allowPrivilegeEscalation"]) };
    expect(containerRefusals(given, "spec.containers[0]", able)).toEqual([]);
  });
});
