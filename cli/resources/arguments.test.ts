import { findByWord, type Resource } from "../discovery/discovery.js";
import { parseResourceArguments } from "./arguments.js";

const resource = (plural: string, kind: string, group: string, shortNames: string[], version = "v1"): Resource => ({
  plural,
  kind,
  group,
  version,
  scope: "Namespaced",
  singular: kind.toLowerCase(),
  shortNames,
  categories: plural === "configmaps" ? [] : ["all"],
  verbs: ["list"],
  subresources: [],
});
const resources = [
  resource("pods", "Pod", "", ["po"]),
  resource("configmaps", "ConfigMap", "", ["cm"]),
  resource("events", "Event", "", ["ev"]),
  resource("deployments", "Deployment", "apps", ["deploy"]),
  resource("events", "Event", "events.k8s.io", ["ev"]),
  resource("deployments", "Deployment", "example.com", [], "v2"),
];
const discovery = {
  async resolve(word: string): Promise<Resource> {
    const found = findByWord(resources, word);
    if (!found) throw new Error(`no ${word}`);
    return found;
  },
  category: async (word: string) =>
    word === "all" ? resources.filter((one) => one.categories.includes("all")) : undefined,
};
const parse = (...args: string[]) => parseResourceArguments(args, discovery);

describe("resource arguments", () => {
  it.each([
    ["pods", "pods", ""],
    ["pod", "pods", ""],
    ["po", "pods", ""],
    ["Pod", "pods", ""],
    ["events", "events", ""],
    ["events.events.k8s.io", "events", "events.k8s.io"],
    ["deploy", "deployments", "apps"],
    ["deployments.example.com", "deployments", "example.com"],
    ["deployments.v2.example.com", "deployments", "example.com"],
    ["deploy.apps", "deployments", "apps"],
  ])("takes %s for %s of group %j", (word, plural, group) => {
    expect(findByWord(resources, word)).toMatchObject({ plural, group });
  });
  it("reads kinds, several kinds and categories", async () => {
    expect(await parse("pods")).toMatchObject({ type: "kinds", severalTypes: false });
    const several = await parse("deploy,po");
    expect(several).toMatchObject({
      type: "kinds",
      severalTypes: true,
      resources: [{ plural: "deployments" }, { plural: "pods" }],
    });
    const all = await parse("all");
    expect(all.type === "kinds" && all.resources.length).toBe(5);
  });
  it("reads names of one kind, of several, and in slash form", async () => {
    const names = async (...args: string[]): Promise<string[]> => {
      const chosen = await parse(...args);
      return chosen.type === "names" ? chosen.items.map((item) => `${item.resource.plural}/${item.name}`) : [];
    };
    expect(await names("pods", "a", "b")).toEqual(["pods/a", "pods/b"]);
    expect(await names("po,cm", "a")).toEqual(["pods/a", "configmaps/a"]);
    expect(await names("pod/a", "deploy/b")).toEqual(["pods/a", "deployments/b"]);
  });
  it.each([
    [["pod/a", "b"], "there is no need to specify a resource type"],
    [["pod/a/b"], "may not have more than one slash"],
    [["pod/"], "must have a single resource and name"],
    [["/a"], "must have a single resource and name"],
  ])("refuses %j", async (args, message) => {
    await expect(parse(...args)).rejects.toThrow(message);
  });
});
