import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { definitionsOf } from "../apimachinery/schema/json-schema.js";
import { tokenRequests } from "./authentication/token-request.js";
import { scales } from "./autoscaling/scale.js";
import { builtins } from "./catalogue.js";
import { collectDescriptions } from "./descriptions.js";
import { evictions } from "./policy/eviction.js";

const root = path.join(__dirname, "..");
const listed = readdirSync(__dirname, { recursive: true, encoding: "utf8" }).map((name) => path.join("api", name));
const machinery = ["label-selector", "condition", "delete-options", "meta"].map((name) => `apimachinery/${name}.ts`);
const sources = new Map(
  [...listed, ...machinery]
    .filter((name) => name.endsWith(".ts") && !name.endsWith(".test.ts"))
    .map((name) => [name, readFileSync(path.join(root, name), "utf8")]),
);
const descriptions = collectDescriptions(sources);
/** Definitions of different groups may share a name; each group's stand in a folder of their own. */
const byFolder = new Map<string, [name: string, source: string][]>();
for (const file of sources) {
  const folder = path.dirname(file[0]).split(path.sep)[1] ?? "";
  byFolder.set(folder, [...(byFolder.get(folder) ?? []), file]);
}
const inFolders = [...byFolder.values()].map((files) => collectDescriptions(new Map(files)));
const kinds = [...builtins, tokenRequests, evictions, scales];
const nodes = new Set(kinds.flatMap(({ schema }) => definitionsOf(schema)));
const common = new Set(["apiVersion", "kind", "metadata", "spec", "status"]);

describe("descriptions", () => {
  it("are found for every field of every definition, so each stands on a line of its own", () => {
    const lost: string[] = [];
    const isKind = new Set(kinds.map(({ kind }) => kind));
    for (const { name, fields } of nodes) {
      const missing = inFolders.map((folder) =>
        [...fields.keys()].filter(
          (field) => !(isKind.has(name) && common.has(field)) && folder[name]?.fields[field] === undefined,
        ),
      );
      if (missing.every((each) => each.length > 0)) lost.push(`${name}: ${missing[0]}`);
    }
    expect(lost).toEqual([]);
  });

  it("are there for every kind and definition", () => {
    const silent = [...nodes].map(({ name }) => name).filter((name) => (descriptions[name]?.text ?? "") === "");
    expect(silent).toEqual([]);
  });

  it("carry texts of fields, shared ones too", () => {
    expect(descriptions.PodSpec?.fields.nodeName).toBe("Where the pod runs; set by the scheduler.");
    expect(descriptions.Secret?.fields.stringData).toBe("Written in plain; becomes `data`, never read back.");
    expect(descriptions.Container?.fields.livenessProbe).toBe(descriptions.EphemeralContainer?.fields.livenessProbe);
    expect(descriptions.Container?.fields.livenessProbe).not.toBe("");
  });

  it("hold nothing of how a comment is written, on one line or on several", () => {
    const texts = Object.values(descriptions).flatMap(({ text, fields }) => [text, ...Object.values(fields)]);
    expect(texts.filter((text) => /^[*/]|\s\*\s|\s{2}|\*\/$/.test(text))).toEqual([]);
  });

  it.each([
    ...["Container", "ContainerPort", "EnvVar", "VolumeMount", "Probe", "Toleration", "ServiceSpec", "ServicePort"],
    ...["DeploymentSpec", "DeploymentStatus", "ReplicaSetSpec", "StatefulSetSpec", "DaemonSetSpec", "JobSpec"],
    ...["CronJobSpec", "LabelSelector", "Condition", "PolicyRule", "RoleRef", "OwnerReference"],
  ])("tell of every field of what people write most: %s", (name) => {
    const fields = Object.entries(descriptions[name]?.fields ?? {});
    expect(fields.filter(([, text]) => text === "").map(([field]) => field)).toEqual([]);
    expect(fields.length).toBeGreaterThan(0);
  });

  it("say the same of definitions of a group that share a name", () => {
    const texts = new Map<string, Set<string>>();
    for (const [folder, files] of byFolder)
      for (const [, source] of files)
        for (const [name, { text }] of Object.entries(collectDescriptions(new Map([["", source]])))) {
          const key = `${folder}/${name}`;
          texts.set(key, (texts.get(key) ?? new Set()).add(text));
        }
    expect([...texts].filter(([, all]) => all.size > 1)).toEqual([]);
  });
});
