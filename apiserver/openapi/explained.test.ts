import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { tokenRequests } from "../../api/authentication/token-request.js";
import { scales } from "../../api/autoscaling/scale.js";
import { builtins } from "../../api/catalogue.js";
import { collectDescriptions } from "../../api/descriptions.js";
import { evictions } from "../../api/policy/eviction.js";
import { deleteOptions } from "../../apimachinery/delete-options.js";
import { listSchemaOf } from "../../apimachinery/list-kind.js";
import { apiResourceList, partialObjectMetadata, statusKind, watchEvent } from "../../apimachinery/meta-kinds.js";
import { Definitions } from "./definitions.js";

const root = path.join(__dirname, "..", "..");
const sourcesIn = (folder: string): ReadonlyMap<string, string> =>
  new Map(
    readdirSync(path.join(root, folder), { recursive: true, encoding: "utf8" })
      .filter((name) => name.endsWith(".ts") && !name.endsWith(".test.ts"))
      .map((name) => [name, readFileSync(path.join(root, folder, name), "utf8")]),
  );
const folders = readdirSync(path.join(root, "api"), { withFileTypes: true }).filter((each) => each.isDirectory());
const descriptions = {
  apimachinery: collectDescriptions(sourcesIn("apimachinery")),
  ...Object.fromEntries(folders.map(({ name }) => [name, collectDescriptions(sourcesIn(path.join("api", name)))])),
};

interface Property {
  readonly description?: string;
  readonly $ref?: string;
  readonly allOf?: readonly Property[];
  readonly items?: Property;
  readonly additionalProperties?: Property;
}
interface Rendered {
  readonly description?: string;
  readonly properties?: Readonly<Record<string, Property>>;
}

const kinds = [...builtins, tokenRequests, evictions, scales];
const definitions = new Definitions(kinds, descriptions);
const machinery = [deleteOptions, apiResourceList, partialObjectMetadata, statusKind, watchEvent];
const schemas = new Map(
  definitions
    .closure([...kinds.flatMap((kind) => [kind.schema, listSchemaOf(kind)]), ...machinery])
    .map((node) => definitions.render(node, "v3"))
    .map(({ name, schema }) => [name, schema as Rendered]),
);

/** The definition that a field holds, alone or many times. */
const targetOf = ({ $ref, allOf, items, additionalProperties }: Property): string | undefined =>
  $ref?.replace(/^.*\//, "") ??
  [...(allOf ?? []), items, additionalProperties].flatMap((each) => (each && targetOf(each)) ?? [])[0];

/** `apps/v1` of `io.k8s.api.apps.v1.DeploymentSpec`. */
const groupVersionOf = (name: string): string => name.split(".").slice(-3, -1).join("/");

/** Fields without a text, or with nothing but the text of what they hold. */
function undescribed(groupVersion: string): readonly string[] {
  return [...schemas]
    .filter(([name]) => groupVersionOf(name) === groupVersion)
    .flatMap(([name, { properties = {} }]) => {
      const fields = Object.entries(properties).flatMap(([field, property]) => {
        const { description = "" } = property;
        const held = schemas.get(targetOf(property) ?? "")?.description;
        return description === "" || description === held ? [field] : [];
      });
      return fields.length === 0 ? [] : [`${name.split(".").at(-1)}: ${fields.join(" ")}`];
    });
}

describe("every field has a text of its own", () => {
  it.each([...new Set([...schemas.keys()].map(groupVersionOf))].sort())("in %s", (groupVersion) => {
    expect(undescribed(groupVersion)).toEqual([]);
  });
});
