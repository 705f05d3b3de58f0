import type { AnyObject } from "../api.js";
import { splitPairs } from "../metadata-command.js";
import { exitCodeOf } from "../remote/command.js";
import { podSpecOf, podSpecPath, selectorOfWorkload, withPodSpec } from "../workload.js";
import { prefixLines } from "./logs.js";
import { containerMatcher, withEnv } from "./set/env.js";
import { withImages } from "./set/image.js";
import { applyTaints, parseTaints } from "./taint.js";
import { parseFor } from "./wait.js";

const object = (fields: object): AnyObject => ({
  apiVersion: "v1",
  kind: "X",
  metadata: { name: "x", generation: 2 },
  ...fields,
});

describe("label and annotation changes", () => {
  it("parts objects from changes", () => {
    const { objects, changes } = splitPairs(["pods", "a", "k=v", "empty=", "old-"], "label");
    expect(objects).toEqual(["pods", "a"]);
    expect([...changes.set]).toEqual([
      ["k", "v"],
      ["empty", ""],
    ]);
    expect(changes.remove).toEqual(["old"]);
  });
  it.each([
    [["pods", "a", "k=v", "k-"], "can not both modify and remove a label"],
    [["pods", "k=v", "b"], "all resources must be specified before label changes: b"],
    [["pods", "=v"], "invalid label format: =v"],
  ])("refuses %j", (args, message) => {
    expect(() => splitPairs(args, "label")).toThrow(message);
  });
});

describe("taints", () => {
  const old = [{ key: "k", value: "v", effect: "NoSchedule" }];
  it("reads what kubectl reads", () => {
    expect(parseTaints(["a=b:NoSchedule", "c:NoExecute", "d-", "e:PreferNoSchedule-"])).toEqual({
      add: [
        { key: "a", value: "b", effect: "NoSchedule" },
        { key: "c", effect: "NoExecute" },
      ],
      remove: [{ key: "d" }, { key: "e", effect: "PreferNoSchedule" }],
    });
  });
  it.each([["a=b"], ["a=b:Nope"], ["a:Nope-"]])("refuses %s", (spec) => {
    expect(() => parseTaints([spec])).toThrow(/invalid taint/);
  });
  it("adds, overwrites only when told to, and removes what is there", () => {
    expect(applyTaints("n", old, parseTaints(["x:NoExecute"]), false)).toHaveLength(2);
    expect(() => applyTaints("n", old, parseTaints(["k=w:NoSchedule"]), false)).toThrow(
      "node n already has k taint(s) with same effect(s) and --overwrite is false",
    );
    expect(applyTaints("n", old, parseTaints(["k=w:NoSchedule"]), true)).toEqual([
      { key: "k", value: "w", effect: "NoSchedule" },
    ]);
    expect(applyTaints("n", old, parseTaints(["k-"]), false)).toEqual([]);
    expect(() => applyTaints("n", old, parseTaints(["z-"]), false)).toThrow('taint "z" not found');
  });
});

describe("workloads", () => {
  const deployment = object({
    spec: {
      selector: {
        matchLabels: { a: "b" },
        matchExpressions: [
          { key: "t", operator: "In", values: ["x", "y"] },
          { key: "u", operator: "DoesNotExist" },
        ],
      },
      template: {
        spec: {
          containers: [
            { name: "web", image: "i:1" },
            { name: "log", image: "l:1" },
          ],
        },
      },
    },
  });
  it("finds the pod spec by shape", () => {
    expect(podSpecPath(deployment)).toEqual(["spec", "template", "spec"]);
    expect(podSpecPath(object({ spec: { containers: [] } }))).toEqual(["spec"]);
    expect(
      podSpecPath(object({ spec: { jobTemplate: { spec: { template: { spec: { containers: [] } } } } } })),
    ).toHaveLength(5);
    expect(podSpecPath(object({ data: {} }))).toBeUndefined();
  });
  it("writes its selector as query text", () => {
    expect(selectorOfWorkload(deployment)).toBe("a=b,t in (x,y),!u");
    expect(selectorOfWorkload(object({ spec: { selector: { app: "x" } } }))).toBe("app=x");
  });
  it("sets images by name or for all, without touching the object", () => {
    const changed = withPodSpec(deployment, (spec) => withImages(spec, new Map([["web", "i:2"]])));
    expect(podSpecOf(changed)?.containers.map(({ image }) => image)).toEqual(["i:2", "l:1"]);
    expect(podSpecOf(deployment)?.containers[0]?.image).toBe("i:1");
    const all = withPodSpec(deployment, (spec) => withImages(spec, new Map([["*", "z"]])));
    expect(podSpecOf(all)?.containers.map(({ image }) => image)).toEqual(["z", "z"]);
    expect(() => withPodSpec(deployment, (spec) => withImages(spec, new Map([["nope", "z"]])))).toThrow(
      'unable to find container named "nope"',
    );
  });
  it("sets and removes environment variables in the containers that match", () => {
    const spec = {
      containers: [
        {
          name: "web",
          env: [
            { name: "A", value: "1" },
            { name: "B", value: "2" },
          ],
        },
        { name: "log" },
      ],
    };
    const changed = withEnv(spec, containerMatcher("w*"), {
      set: [{ name: "A", value: "3" }],
      remove: ["B"],
      overwrite: true,
    });
    expect(changed.containers).toEqual([{ name: "web", env: [{ name: "A", value: "3" }] }, { name: "log" }]);
    expect(() => withEnv(spec, () => true, { set: [{ name: "A", value: "3" }], remove: [], overwrite: false })).toThrow(
      "--overwrite is false",
    );
    expect(
      withEnv(spec, containerMatcher("*"), { set: [], remove: ["A", "B"], overwrite: true }).containers[0],
    ).toEqual({ name: "web" });
  });
});

describe("wait --for", () => {
  const ready = (status: string, observedGeneration?: number): AnyObject =>
    object({
      status: {
        phase: "Running",
        conditions: [{ type: "Ready", status, ...(observedGeneration ? { observedGeneration } : {}) }],
      },
    });
  it.each([
    ["condition=Ready", ready("True"), true],
    ["condition=ready=true", ready("True"), true],
    ["condition=Ready", ready("False"), false],
    ["condition=Ready=False", ready("False"), true],
    ["condition=Ready", ready("True", 1), false],
    ["delete", undefined, true],
    ["delete", ready("True"), false],
    ["create", undefined, false],
    ["create", ready("True"), true],
    ["jsonpath={.status.phase}=Running", ready("True"), true],
    ["jsonpath='{.status.phase}'=Pending", ready("True"), false],
    ["jsonpath={.status.phase}", ready("True"), true],
    ["jsonpath={.status.nope}", ready("True"), false],
    ['jsonpath={.status.conditions[?(@.type=="Ready")].status}=True', ready("True"), true],
  ])("%s", (written, given, met) => {
    expect(parseFor(written)(given)).toBe(met);
  });
  it.each([["Ready"], [""], ["jsonpath="]])("refuses %j", (written) => {
    expect(() => parseFor(written)).toThrow();
  });
});

describe("streams", () => {
  it("puts a prefix in front of whole lines", async () => {
    async function* body(): AsyncIterable<Uint8Array> {
      yield Buffer.from("one\ntw");
      yield Buffer.from("o\n");
      yield Buffer.from("end");
    }
    let out = "";
    for await (const text of prefixLines(body(), "[p] ")) out += text;
    expect(out).toBe("[p] one\n[p] two\n[p] end");
  });
  it("reads a command's exit code", () => {
    expect(exitCodeOf('{"status":"Success"}')).toBe(0);
    const failed = {
      status: "Failure",
      reason: "NonZeroExitCode",
      details: { causes: [{ reason: "ExitCode", message: "7" }] },
    };
    expect(exitCodeOf(JSON.stringify(failed))).toBe(7);
    expect(() => exitCodeOf('{"status":"Failure","message":"no such file"}')).toThrow("no such file");
  });
});
