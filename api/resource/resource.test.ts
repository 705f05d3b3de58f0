import { cells, errorsOf, read } from "../kind.test-kit.js";
import { resourceClaims } from "./resource-claim.js";
import { resourceSlices } from "./resource-slice.js";

const claim = (...requests: object[]): object => ({ spec: { devices: { requests } } });
const gpu = { name: "gpu", exactly: { deviceClassName: "gpu.acme.io" } };

describe("resource claims", () => {
  it("ask for one device of a class unless told otherwise", () => {
    expect(read(resourceClaims, claim(gpu)).spec.devices?.requests?.[0]?.exactly).toMatchObject({
      allocationMode: "ExactCount",
      count: 1,
    });
  });

  it.each<[string, object, readonly string[]]>([
    ["a good one", claim(gpu), []],
    ["the same name twice", claim(gpu, gpu), ['spec.devices.requests[1].name: Duplicate value: "gpu"']],
    [
      "nothing in particular",
      claim({ name: "gpu" }),
      ["spec.devices.requests[0]: Required value: exactly one of `exactly` or `firstAvailable` is required"],
    ],
  ])("%s", (_, draft, expected) => {
    expect(errorsOf(resourceClaims, draft)).toEqual(expected);
  });

  it("never change, and show how far they are", () => {
    expect(errorsOf(resourceClaims, claim({ ...gpu, name: "other" }), claim(gpu))).toHaveLength(1);
    expect(cells(resourceClaims, claim(gpu)).State).toBe("pending");
    const status = { allocation: {}, reservedFor: [{ resource: "pods", name: "a", uid: "u" }] };
    expect(cells(resourceClaims, { ...claim(gpu), status }).State).toBe("allocated,reserved");
  });
});

describe("resource slices", () => {
  it("can be reached in one way", () => {
    const slice = (spec: object): object => ({
      spec: { driver: "a.io", pool: { name: "p", generation: 1, resourceSliceCount: 1 }, ...spec },
    });
    expect(errorsOf(resourceSlices, slice({ nodeName: "n" }))).toEqual([]);
    expect(errorsOf(resourceSlices, slice({}))).toHaveLength(1);
    expect(errorsOf(resourceSlices, slice({ nodeName: "n", allNodes: true }))).toHaveLength(1);
    expect(cells(resourceSlices, slice({ nodeName: "n" }))).toMatchObject({ Node: "n", Driver: "a.io", Pool: "p" });
  });
});
