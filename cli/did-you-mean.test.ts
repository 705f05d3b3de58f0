import { pods } from "../api/core/pod/pod.js";
import { commandsLike, editDistance, suggestionsFor } from "./did-you-mean.js";
import { nearField } from "./field-hint.js";

describe("did you mean", () => {
  it("counts edits, a swap of neighbours as one", () => {
    expect(editDistance("pods", "podz", 3)).toBe(1);
    expect(editDistance("replicsa", "replicas", 3)).toBe(1);
    expect(editDistance("", "abc", 3)).toBe(3);
    expect(editDistance("a", "bcdef", 2)).toBe(3);
  });
  it("names the nearest, and nothing for what is far from everything", () => {
    expect(suggestionsFor("podz", ["nodes", "pods", "pod"])).toEqual(["pods", "pod"]);
    expect(suggestionsFor("zebra", ["pods", "nodes"])).toEqual([]);
  });
  it("names commands that are near a short word, too, and those that it begins", () => {
    const commands = ["api-resources", "api-versions", "cp", "get", "set", "top"];
    expect(commandsLike("foo", commands)).toEqual(["top"]);
    expect(commandsLike("api", commands)).toEqual(["api-resources", "api-versions", "cp"]);
    expect(commandsLike("gibberish", commands)).toEqual([]);
  });
  it("names the field that was meant, at any depth", () => {
    expect(nearField(pods.schema, "spec.containers[0].imgae")).toBe("spec.containers[0].image");
    expect(nearField(pods.schema, "metdata")).toBe("metadata");
    expect(nearField(pods.schema, "spec.containers[0].zzzzzz")).toBeUndefined();
    expect(nearField(pods.schema, "nowhere.at.all")).toBeUndefined();
  });
});
