import { cells, errorsOf, read } from "../kind.test-kit.js";
import { jobs } from "./job.js";

const container = { name: "a", image: "b:1" };
const template = { spec: { containers: [container], restartPolicy: "Never" } };
const job = (spec: object = {}): object => ({ spec: { template, ...spec } });
const indexed = (spec: object = {}): object => job({ completionMode: "Indexed", completions: 3, ...spec });

describe("jobs", () => {
  it("want one pod to end well and give up after six failures", () => {
    expect(read(jobs, job()).spec).toMatchObject({
      completions: 1,
      parallelism: 1,
      backoffLimit: 6,
      completionMode: "NonIndexed",
      suspend: false,
      manualSelector: false,
      podReplacementPolicy: "TerminatingOrFailed",
    });
  });

  it("with a number of parallel pods alone are work queues", () => {
    expect(read(jobs, job({ parallelism: 3 })).spec.completions).toBeUndefined();
  });

  it("that count failures by index have no other bound", () => {
    expect(read(jobs, indexed({ backoffLimitPerIndex: 1 })).spec.backoffLimit).toBe(2 ** 31 - 1);
  });

  it("take their template's labels where they have none", () => {
    const labelled = { ...template, metadata: { labels: { app: "x" } } };
    expect(read(jobs, job({ template: labelled })).metadata.labels).toEqual({ app: "x" });
  });

  it("get a selector and labels that no other job has, once name and uid are known", () => {
    const draft = read(jobs, { metadata: { name: "pi", uid: "u-1" }, ...job() });
    const { selector, template: labelled } = jobs.complete?.(draft).spec ?? draft.spec;
    expect(selector).toEqual({ matchLabels: { "batch.kubernetes.io/controller-uid": "u-1" } });
    expect(labelled.metadata.labels).toEqual({
      "batch.kubernetes.io/controller-uid": "u-1",
      "batch.kubernetes.io/job-name": "pi",
      "controller-uid": "u-1",
      "job-name": "pi",
    });
  });

  it.each<[string, object, readonly string[]]>([
    ["a good one", job(), []],
    [
      "pods that always start again",
      job({ template: { spec: { containers: [container] } } }),
      ['spec.template.spec.restartPolicy: Required value: valid values: "OnFailure", "Never"'],
    ],
    [
      "a negative count",
      job({ parallelism: -1 }),
      ["spec.parallelism: Invalid value: -1: must be greater than or equal to 0"],
    ],
    [
      "indexes without a count",
      job({ completionMode: "Indexed", parallelism: 1 }),
      ["spec.completions: Required value: when completion mode is Indexed"],
    ],
    [
      "an unknown mode",
      job({ completionMode: "Odd" }),
      ['spec.completionMode: Unsupported value: "Odd": supported values: "Indexed", "NonIndexed"'],
    ],
    [
      "failures by index without indexes",
      job({ backoffLimitPerIndex: 1 }),
      ["spec.backoffLimitPerIndex: Invalid value: 1: requires indexed completion mode"],
    ],
    [
      "a failure policy for pods that start again",
      job({
        template: { spec: { containers: [container], restartPolicy: "OnFailure" } },
        podFailurePolicy: { rules: [{ action: "FailJob", onExitCodes: { operator: "In", values: [1] } }] },
      }),
      [
        'spec.template.spec.restartPolicy: Invalid value: "OnFailure": only "Never" is supported when podFailurePolicy is specified',
      ],
    ],
    [
      "exit code zero as a failure",
      job({ podFailurePolicy: { rules: [{ action: "FailJob", onExitCodes: { operator: "In", values: [0] } }] } }),
      ["spec.podFailurePolicy.rules[0].onExitCodes.values[0]: Invalid value: 0: must not be 0 for the In operator"],
    ],
    [
      "a selector of its own that misses its pods",
      job({ manualSelector: true, selector: { matchLabels: { app: "x" } } }),
      ["spec.template.metadata.labels: Invalid value: {}: `selector` does not match template `labels`"],
    ],
    [
      "labels of another job",
      job({ template: { ...template, metadata: { labels: { "job-name": "e" } } } }),
      [
        'spec.template.metadata.labels[job-name]: Invalid value: {"batch.kubernetes.io/controller-uid":"u-1","batch.kubernetes.io/job-name":"pi","controller-uid":"u-1","job-name":"e"}: must be \'pi\'',
      ],
    ],
    [
      "the selector of another job",
      job({ selector: { matchLabels: { "batch.kubernetes.io/controller-uid": "u-0" } } }),
      [
        'spec.selector: Invalid value: {"matchLabels":{"batch.kubernetes.io/controller-uid":"u-0"}}: `selector` not auto-generated',
        expect.stringContaining("`selector` does not match template `labels`"),
      ],
    ],
    ["its own selector left out", job({ manualSelector: true }), ["spec.selector: Required value"]],
  ])("%s", (_, draft, expected) => {
    expect(errorsOf(jobs, { metadata: { name: "pi", namespace: "default", uid: "u-1" }, ...draft })).toEqual(expected);
  });

  it("keep template and completions, and may change parallelism", () => {
    const old = { ...job({ selector: { matchLabels: { a: "b" } } }) };
    const changed = job({
      selector: { matchLabels: { a: "b" } },
      completions: 2,
      parallelism: 5,
      template: { spec: { ...template.spec, containers: [{ ...container, image: "c" }] } },
    });
    const errors = errorsOf(jobs, changed, old);
    expect(errors.map((error) => error.split(":")[0])).toEqual(["spec.completions", "spec.template"]);
    expect(
      errorsOf(
        jobs,
        job({ selector: { matchLabels: { a: "b" } }, completions: 1, parallelism: 0, suspend: true }),
        old,
      ),
    ).toEqual([]);
  });

  it("may be told where to run until they have first run", () => {
    const waiting = job({ suspend: true });
    const placed = { spec: { ...template.spec, nodeSelector: { disk: "ssd" } } };
    expect(errorsOf(jobs, job({ template: placed }), waiting)).toEqual([]);
    expect(errorsOf(jobs, job({ template: placed }), job())).not.toEqual([]);
  });

  it("show state, completions and how long they took", () => {
    const done = {
      succeeded: 1,
      startTime: "2026-01-01T00:00:00Z",
      completionTime: "2026-01-01T00:00:09Z",
      conditions: [{ type: "Complete", status: "True" }],
    };
    expect(cells(jobs, { ...job(), status: done })).toMatchObject({
      Status: "Complete",
      Completions: "1/1",
      Duration: "9s",
      Age: "2m3s",
      Images: "b:1",
    });
    expect(cells(jobs, job({ parallelism: 3 }))).toMatchObject({
      Status: "Running",
      Completions: "0/1 of 3",
      Duration: "",
    });
    const suspended = { conditions: [{ type: "Suspended", status: "True" }] };
    expect(cells(jobs, { ...job(), status: suspended }).Status).toBe("Suspended");
  });
});
