import { cells, errorsOf, read } from "../kind.test-kit.js";
import { statefulSets } from "./statefulset.js";

const labels = { app: "db" };
const container = { name: "a", image: "b:1", volumeMounts: [{ name: "data", mountPath: "/data" }] };
const template = { metadata: { labels }, spec: { containers: [container] } };
const claim = {
  metadata: { name: "data" },
  spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "1Gi" } } },
};
const statefulSet = (spec: object = {}): object => ({
  spec: { selector: { matchLabels: labels }, serviceName: "db", template, volumeClaimTemplates: [claim], ...spec },
});

describe("stateful sets", () => {
  it("have Kubernetes' defaults, their claims included", () => {
    const { spec } = read(statefulSets, statefulSet());
    expect(spec).toMatchObject({
      replicas: 1,
      podManagementPolicy: "OrderedReady",
      updateStrategy: { type: "RollingUpdate", rollingUpdate: { partition: 0 } },
      revisionHistoryLimit: 10,
      persistentVolumeClaimRetentionPolicy: { whenDeleted: "Retain", whenScaled: "Retain" },
    });
    expect(spec.volumeClaimTemplates?.[0]).toMatchObject({
      spec: { volumeMode: "Filesystem" },
      status: { phase: "Pending" },
    });
  });

  it.each<[string, object, readonly string[]]>([
    ["mounts of its claims", statefulSet(), []],
    [
      "mounts of nothing",
      statefulSet({ volumeClaimTemplates: [] }),
      ['spec.template.spec.containers[0].volumeMounts[0].name: Not found: "data"'],
    ],
    [
      "an unknown policy",
      statefulSet({ podManagementPolicy: "Odd" }),
      ["spec.podManagementPolicy: Invalid value: \"Odd\": must be 'OrderedReady' or 'Parallel'"],
    ],
    [
      "numbers for a strategy without any",
      statefulSet({ updateStrategy: { type: "OnDelete", rollingUpdate: { partition: 1 } } }),
      [
        "spec.updateStrategy.rollingUpdate: Invalid value: {\"partition\":1}: only allowed for updateStrategy 'RollingUpdate'",
      ],
    ],
    [
      "a negative partition",
      statefulSet({ updateStrategy: { rollingUpdate: { partition: -1 } } }),
      ["spec.updateStrategy.rollingUpdate.partition: Invalid value: -1: must be greater than or equal to 0"],
    ],
    [
      "a claim without a size",
      statefulSet({ volumeClaimTemplates: [{ metadata: { name: "data" }, spec: { accessModes: ["ReadWriteOnce"] } }] }),
      ["spec.volumeClaimTemplates[0].spec.resources[storage]: Required value"],
    ],
    [
      "labels that its selector does not match",
      statefulSet({ template: { ...template, metadata: { labels: { app: "x" } } } }),
      ['spec.template.metadata.labels: Invalid value: {"app":"x"}: `selector` does not match template `labels`'],
    ],
  ])("%s", (_, draft, expected) => {
    expect(errorsOf(statefulSets, draft)).toEqual(expected);
  });

  it("may change replicas, template and strategy and nothing else", () => {
    const fine = statefulSet({ replicas: 3, updateStrategy: { type: "OnDelete" }, minReadySeconds: 5 });
    expect(errorsOf(statefulSets, fine, statefulSet())).toEqual([]);
    expect(errorsOf(statefulSets, statefulSet({ serviceName: "other" }), statefulSet())).toEqual([
      "spec: Forbidden: updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', 'updateStrategy', 'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden",
    ]);
  });

  it("show how many are ready", () => {
    expect(cells(statefulSets, { ...statefulSet({ replicas: 3 }), status: { readyReplicas: 2 } })).toEqual({
      Name: "web",
      Ready: "2/3",
      Age: "2m3s",
      Containers: "a",
      Images: "b:1",
    });
  });
});
