import { cells, errorsOf, read } from "../kind.test-kit.js";
import { replicationControllers } from "./replication-controller.js";

const labels = { app: "web" };
const template = { metadata: { labels }, spec: { containers: [{ name: "a", image: "b:1" }] } };
const controller = (spec: object = {}): object => ({ spec: { template, ...spec } });

describe("replication controllers", () => {
  it("take selector and labels from their template", () => {
    const { metadata, spec } = read(replicationControllers, controller());
    expect([metadata.labels, spec.selector, spec.replicas]).toEqual([labels, labels, 1]);
  });

  it.each<[string, object, readonly string[]]>([
    ["a good one", controller(), []],
    ["no template", { spec: { selector: labels } }, ["spec.template: Required value"]],
    [
      "another's labels",
      controller({ selector: { app: "x" } }),
      ['spec.template.metadata.labels: Invalid value: {"app":"web"}: `selector` does not match template `labels`'],
    ],
    [
      "pods that end",
      controller({ template: { ...template, spec: { ...template.spec, restartPolicy: "Never" } } }),
      ['spec.template.spec.restartPolicy: Unsupported value: "Never": supported values: "Always"'],
    ],
  ])("%s", (_, draft, expected) => {
    expect(errorsOf(replicationControllers, draft)).toEqual(expected);
  });

  it("show counts and labels", () => {
    expect(cells(replicationControllers, controller())).toMatchObject({ Desired: 1, Current: 0, Selector: "app=web" });
  });
});
