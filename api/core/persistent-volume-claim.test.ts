import { cells, errorsOf } from "../kind.test-kit.js";
import { persistentVolumeClaims } from "./persistent-volume-claim.js";

const claim = (spec: object = {}, status: object = {}): object => ({
  spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "1Gi" } }, ...spec },
  status: { phase: "Pending", ...status },
});
const bound = (spec: object = {}): object =>
  claim(
    { volumeName: "v", storageClassName: "fast", ...spec },
    { phase: "Bound", capacity: { storage: "1Gi" }, accessModes: ["ReadWriteOnce"] },
  );

describe("persistent volume claims", () => {
  it.each<[string, object, readonly string[]]>([
    ["a good one", claim(), []],
    ["an empty class, which means none", claim({ storageClassName: "" }), []],
    [
      "no way of access",
      claim({ accessModes: [] }),
      ["spec.accessModes: Required value: at least 1 access mode is required"],
    ],
    ["no size", claim({ resources: {} }), ["spec.resources[storage]: Required value"]],
    [
      "no room at all",
      claim({ resources: { requests: { storage: "0" } } }),
      ['spec.resources[storage]: Invalid value: "0": must be greater than zero'],
    ],
    [
      "an unknown way of access",
      claim({ accessModes: ["Often"] }),
      [
        'spec.accessModes[0]: Unsupported value: "Often": supported values: "ReadOnlyMany", "ReadWriteMany", "ReadWriteOnce", "ReadWriteOncePod"',
      ],
    ],
    [
      "one pod only, and others",
      claim({ accessModes: ["ReadWriteOnce", "ReadWriteOncePod"] }),
      ["spec.accessModes: Forbidden: may not use ReadWriteOncePod with other access modes"],
    ],
  ])("%s", (_, draft, expected) => {
    expect(errorsOf(persistentVolumeClaims, draft)).toEqual(expected);
  });

  it("may be bound, and grow once they are", () => {
    expect(errorsOf(persistentVolumeClaims, bound(), claim())).toEqual([]);
    const larger = bound({ resources: { requests: { storage: "2Gi" } } });
    expect(errorsOf(persistentVolumeClaims, larger, bound())).toEqual([]);
    expect(errorsOf(persistentVolumeClaims, larger, claim())).not.toEqual([]);
  });

  it("neither shrink nor change otherwise", () => {
    const smaller = bound({ resources: { requests: { storage: "1Mi" } } });
    expect(errorsOf(persistentVolumeClaims, smaller, bound())).toEqual([
      "spec.resources.requests.storage: Forbidden: field can not be less than status.capacity",
    ]);
    expect(errorsOf(persistentVolumeClaims, bound({ volumeName: "w" }), bound())).toEqual([
      "spec: Forbidden: spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims",
    ]);
  });

  it("show their volume once they have one", () => {
    expect(cells(persistentVolumeClaims, claim())).toMatchObject({ Status: "Pending", Volume: "", Capacity: "" });
    expect(cells(persistentVolumeClaims, bound())).toEqual({
      Name: "web",
      Status: "Bound",
      Volume: "v",
      Capacity: "1Gi",
      "Access Modes": "RWO",
      StorageClass: "fast",
      VolumeAttributesClass: "<unset>",
      Age: "2m3s",
      VolumeMode: "Filesystem",
    });
  });
});
