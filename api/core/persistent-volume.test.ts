import { cells, errorsOf, read } from "../kind.test-kit.js";
import { persistentVolumes } from "./persistent-volume.js";

const volume = (spec: object = {}, rest: object = {}): object => ({
  spec: { capacity: { storage: "5Gi" }, accessModes: ["ReadWriteMany"], nfs: { server: "s", path: "/" }, ...spec },
  ...rest,
});

describe("persistent volumes", () => {
  it("are kept when their claim goes", () => {
    expect(read(persistentVolumes, volume()).spec).toMatchObject({
      persistentVolumeReclaimPolicy: "Retain",
      volumeMode: "Filesystem",
    });
  });

  it.each<[string, object, readonly string[]]>([
    ["a good one", volume(), []],
    ["nowhere", volume({ nfs: undefined }), ["spec: Required value: must specify a volume type"]],
    [
      "in two places",
      volume({ hostPath: { path: "/a" } }),
      ["spec.nfs: Forbidden: may not specify more than 1 volume type"],
    ],
    ["no size", volume({ capacity: {} }), ["spec.capacity: Required value"]],
    [
      "no room",
      volume({ capacity: { storage: "0" } }),
      ['spec.capacity[storage]: Invalid value: "0": must be greater than zero'],
    ],
    ["no way of access", volume({ accessModes: [] }), ["spec.accessModes: Required value"]],
    [
      "a local disk of any node",
      volume({ nfs: undefined, local: { path: "/mnt" } }),
      ["spec.nodeAffinity: Required value: Local volume requires node affinity"],
    ],
    [
      "an unknown policy",
      volume({ persistentVolumeReclaimPolicy: "Burn" }),
      [
        'spec.persistentVolumeReclaimPolicy: Unsupported value: "Burn": supported values: "Delete", "Recycle", "Retain"',
      ],
    ],
  ])("%s", (_, draft, expected) => {
    expect(errorsOf(persistentVolumes, draft)).toEqual(expected);
  });

  it("stay where they are", () => {
    expect(errorsOf(persistentVolumes, volume({ nfs: { server: "t", path: "/" } }), volume())).toEqual([
      "spec.persistentvolumesource: Forbidden: spec.persistentvolumesource is immutable after creation",
    ]);
    expect(errorsOf(persistentVolumes, volume({ claimRef: { namespace: "a", name: "b" } }), volume())).toEqual([]);
  });

  it("show who has them", () => {
    const bound = volume(
      { claimRef: { namespace: "a", name: "b" }, storageClassName: "fast" },
      { status: { phase: "Bound" } },
    );
    expect(cells(persistentVolumes, bound)).toEqual({
      Name: "web",
      Capacity: "5Gi",
      "Access Modes": "RWX",
      "Reclaim Policy": "Retain",
      Status: "Bound",
      Claim: "a/b",
      StorageClass: "fast",
      VolumeAttributesClass: "<unset>",
      Reason: "",
      Age: "2m3s",
      VolumeMode: "Filesystem",
    });
  });
});
