import { cells, errorsOf, read } from "../kind.test-kit.js";
import { daemonSets } from "./daemonset.js";

const labels = { app: "agent" };
const template = { metadata: { labels }, spec: { containers: [{ name: "a", image: "b:1" }] } };
const daemonSet = (spec: object = {}): object => ({ spec: { selector: { matchLabels: labels }, template, ...spec } });
const rolling = (rollingUpdate: object): object => daemonSet({ updateStrategy: { rollingUpdate } });

describe("daemon sets", () => {
  it("replace one pod after another", () => {
    expect(read(daemonSets, daemonSet()).spec).toMatchObject({
      revisionHistoryLimit: 10,
      updateStrategy: { type: "RollingUpdate", rollingUpdate: { maxUnavailable: 1, maxSurge: 0 } },
    });
    expect(read(daemonSets, daemonSet({ updateStrategy: { type: "OnDelete" } })).spec.updateStrategy).toEqual({
      type: "OnDelete",
    });
  });

  it.each<[string, object, readonly string[]]>([
    ["a good one", daemonSet(), []],
    ["surge instead of absence", rolling({ maxSurge: "10%", maxUnavailable: 0 }), []],
    [
      "neither absence nor surge",
      rolling({ maxUnavailable: 0 }),
      ["spec.updateStrategy.rollingUpdate.maxUnavailable: Required value: cannot be 0 when maxSurge is 0"],
    ],
    [
      "both absence and surge",
      rolling({ maxSurge: 1, maxUnavailable: 1 }),
      ["spec.updateStrategy.rollingUpdate.maxSurge: Invalid value: 1: may not be set when maxUnavailable is non-zero"],
    ],
    [
      "an empty selector",
      daemonSet({ selector: {} }),
      ["spec.selector: Invalid value: {}: empty selector is invalid for daemonset"],
    ],
    [
      "pods that do not start again",
      daemonSet({ template: { ...template, spec: { ...template.spec, restartPolicy: "Never" } } }),
      ['spec.template.spec.restartPolicy: Unsupported value: "Never": supported values: "Always"'],
    ],
    [
      "pods that end by a deadline",
      daemonSet({ template: { ...template, spec: { ...template.spec, activeDeadlineSeconds: 5 } } }),
      ["spec.template.spec.activeDeadlineSeconds: Forbidden: activeDeadlineSeconds in DaemonSet is not Supported"],
    ],
  ])("%s", (_, draft, expected) => {
    expect(errorsOf(daemonSets, draft)).toEqual(expected);
  });

  it("keep their selector", () => {
    const other = { app: "other" };
    const next = daemonSet({
      selector: { matchLabels: other },
      template: { ...template, metadata: { labels: other } },
    });
    expect(errorsOf(daemonSets, next, daemonSet())).toEqual([
      'spec.selector: Invalid value: {"matchLabels":{"app":"other"}}: field is immutable',
    ]);
  });

  it("show on how many nodes they are", () => {
    const status = { desiredNumberScheduled: 3, currentNumberScheduled: 2, numberReady: 1, updatedNumberScheduled: 2 };
    const placed = { ...template, spec: { ...template.spec, nodeSelector: { disk: "ssd" } } };
    expect(cells(daemonSets, { ...daemonSet({ template: placed }), status })).toEqual({
      Name: "web",
      Desired: 3,
      Current: 2,
      Ready: 1,
      "Up-to-date": 2,
      Available: 0,
      "Node Selector": "disk=ssd",
      Age: "2m3s",
      Containers: "a",
      Images: "b:1",
      Selector: "app=agent",
    });
  });

  it("leaves the host's ports of its pods to them, but not to others", () => {
    const onHost = (port: object): object => {
      const containers = [{ name: "a", image: "b:1", ports: [port] }];
      return daemonSet({ template: { metadata: { labels }, spec: { hostNetwork: true, containers } } });
    };
    expect(errorsOf(daemonSets, onHost({ containerPort: 9100 }))).toEqual([]);
    expect(errorsOf(daemonSets, onHost({ containerPort: 9100, hostPort: 80 }))).toEqual([
      "spec.template.spec.containers[0].ports[0].hostPort: Invalid value: 80: must match `containerPort` when `hostNetwork` is true",
    ]);
  });
});
