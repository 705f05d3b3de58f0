import { cells, errorsOf, read } from "../kind.test-kit.js";
import { runtimeClasses } from "../node/runtime-class.js";
import { csiDrivers } from "./csi-driver.js";
import { csiNodes } from "./csi-node.js";
import { storageClasses } from "./storage-class.js";
import { volumeAttachments } from "./volume-attachment.js";
import { volumeAttributesClasses } from "./volume-attributes-class.js";

const storageClass = (more: object = {}): object => ({ provisioner: "disk.acme.io", ...more });

describe("storage classes", () => {
  it("delete volumes and bind at once unless told otherwise", () => {
    expect(read(storageClasses, storageClass())).toMatchObject({
      reclaimPolicy: "Delete",
      volumeBindingMode: "Immediate",
    });
  });

  it.each<[string, object, object | undefined, readonly string[]]>([
    ["no provisioner", {}, undefined, ["provisioner: Required value"]],
    [
      "other parameters",
      storageClass({ parameters: { a: "2" } }),
      storageClass({ parameters: { a: "1" } }),
      ["parameters: Forbidden: updates to parameters are forbidden."],
    ],
    [
      "another mode",
      storageClass({ volumeBindingMode: "WaitForFirstConsumer" }),
      storageClass(),
      ['volumeBindingMode: Invalid value: "WaitForFirstConsumer": field is immutable'],
    ],
    ["growth allowed", storageClass({ allowVolumeExpansion: true }), storageClass(), []],
  ])("%s", (_, draft, old, expected) => {
    expect(errorsOf(storageClasses, draft, old)).toEqual(expected);
  });

  it("show which is the default", () => {
    const metadata = { name: "fast", annotations: { "storageclass.kubernetes.io/is-default-class": "true" } };
    expect(cells(storageClasses, storageClass({ metadata }))).toEqual({
      Name: "fast (default)",
      Provisioner: "disk.acme.io",
      ReclaimPolicy: "Delete",
      VolumeBindingMode: "Immediate",
      AllowVolumeExpansion: false,
      Age: "2m3s",
    });
  });
});

describe("other kinds of storage", () => {
  it("drivers attach, and take claims alone", () => {
    expect(cells(csiDrivers, { spec: {} })).toEqual({
      Name: "web",
      AttachRequired: true,
      PodInfoOnMount: false,
      StorageCapacity: false,
      TokenRequests: "<unset>",
      RequiresRepublish: false,
      Modes: "Persistent",
      Age: "2m3s",
    });
  });

  it("a node has each driver once", () => {
    const driver = { name: "a.io", nodeID: "n" };
    expect(errorsOf(csiNodes, { spec: { drivers: [driver, driver] } })).toEqual([
      'spec.drivers[1].name: Duplicate value: "a.io"',
    ]);
  });

  it("attachments name one volume and never change", () => {
    const attachment = (source: object): object => ({ spec: { attacher: "a.io", nodeName: "n", source } });
    const one = attachment({ persistentVolumeName: "v" });
    expect(errorsOf(volumeAttachments, one)).toEqual([]);
    expect(errorsOf(volumeAttachments, attachment({}))).toHaveLength(1);
    expect(errorsOf(volumeAttachments, attachment({ persistentVolumeName: "w" }), one)).toHaveLength(1);
    expect(cells(volumeAttachments, one)).toMatchObject({ Attacher: "a.io", PV: "v", Node: "n", Attached: false });
  });

  it("attributes are some, and stay", () => {
    const attributes = (a: string): object => ({ driverName: "a.io", parameters: { a } });
    expect(errorsOf(volumeAttributesClasses, { driverName: "a.io" })).toEqual([
      "parameters: Required value: must contain at least one key/value pair",
    ]);
    expect(errorsOf(volumeAttributesClasses, attributes("2"), attributes("1"))).toEqual([
      "parameters: Forbidden: updates to parameters are forbidden.",
    ]);
  });

  it("runtime classes name a handler", () => {
    expect(errorsOf(runtimeClasses, { handler: "runsc" })).toEqual([]);
    expect(errorsOf(runtimeClasses, { handler: "Run_C" })).toHaveLength(1);
    expect(cells(runtimeClasses, { handler: "runsc" })).toEqual({ Name: "web", Handler: "runsc", Age: "2m3s" });
  });
});
