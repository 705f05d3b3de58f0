/** Documents of OpenAPI 3.0, one a group version, as pieces of text. */
import { listSchemaOf } from "../../apimachinery/list-kind.js";
import { apiResourceList, statusKind, watchEvent } from "../../apimachinery/meta-kinds.js";
import type { ResourceDefinition } from "../../apimachinery/resource.js";
import type { JsonSchema } from "../../apimachinery/schema/json-schema.js";
import type { Schema } from "../../apimachinery/schema/schema.js";
import { type Definitions, scalarDefinitions } from "./definitions.js";
import { answerTypes, describesWatch, patchTypes } from "./media-types.js";
import { type Content, contentsOf, type Operation, type PathItem, pathsOf, rootOf, tagOf } from "./operations.js";
import type { Parameter } from "./parameters.js";

/** The document of the group version that these resources are. */
export function* groupVersionPieces(
  resources: readonly ResourceDefinition[],
  definitions: Definitions,
  info: object,
): Generator<string> {
  const [first] = resources;
  if (!first) return;
  const items = resources.flatMap(pathsOf).sort((a, b) => (a.path < b.path ? -1 : 1));
  yield `{"openapi":"3.0.0","info":${JSON.stringify(info)},"paths":{`;
  yield `${JSON.stringify(`${rootOf(first)}/`)}:${JSON.stringify(resourcesPath(definitions, tagOf(first)))}`;
  for (const item of items)
    yield `,${JSON.stringify(item.path)}:${JSON.stringify(pathItem(item, definitions, tagOf(first)))}`;
  yield '},"components":{"schemas":{';
  const roots = new Set<Schema<unknown>>([apiResourceList, statusKind, watchEvent]);
  for (const { schema, verbs } of resources) if (verbs.length > 0) roots.add(schema);
  for (const resource of resources) if (resource.verbs.includes("list")) roots.add(listSchemaOf(resource));
  for (const content of items.flatMap(contentsOf)) roots.add(definitions.schemaOf(content));
  let rest = false;
  for (const node of definitions.closure(roots)) {
    const { name, schema } = definitions.render(node, "v3");
    yield `${rest ? "," : ""}${JSON.stringify(name)}:${JSON.stringify(schema)}`;
    rest = true;
  }
  for (const { name, schema } of scalarDefinitions("v3")) yield `,${JSON.stringify(name)}:${JSON.stringify(schema)}`;
  yield `},"securitySchemes":${JSON.stringify(securitySchemes)}},"security":[{"BearerToken":[]}]}`;
}

/** A document of paths that answer something fixed. */
export const discoveryDocument = (paths: readonly string[], info: object): string =>
  JSON.stringify({
    openapi: "3.0.0",
    info,
    paths: Object.fromEntries(
      paths.map((path) => [
        path,
        { get: { responses: { 200: { description: "OK", content: { "application/json": {} } } } } },
      ]),
    ),
  });

const securitySchemes = {
  BearerToken: { type: "apiKey", name: "authorization", in: "header", description: "Bearer token" },
};
const unauthorized = { 401: { description: "Unauthorized" } };

function resourcesPath(definitions: Definitions, tag: string): object {
  const schema = definitions.addressOf(apiResourceList, "v3");
  return {
    get: {
      tags: [tag],
      description: "The resources of this group version.",
      operationId: `get_${tag}_APIResources`,
      responses: { 200: { description: "OK", content: { "application/json": { schema } } }, ...unauthorized },
    },
  };
}

function pathItem({ parameters, operations }: PathItem, definitions: Definitions, tag: string): object {
  return {
    ...Object.fromEntries(operations.map((each) => [each.method, operation(each, definitions, tag)])),
    parameters: parameters.map(parameter),
  };
}

function operation(each: Operation, definitions: Definitions, tag: string): object {
  const { id, description, action, kind, parameters, body, answers } = each;
  return {
    tags: [tag],
    description,
    operationId: id,
    parameters: parameters.map(parameter),
    ...(body ? { requestBody: requestBody(body, definitions) } : {}),
    responses: {
      ...Object.fromEntries(
        answers.map(({ status, content }) => [
          status,
          { description: reasons.get(status) ?? "OK", content: contentOf(content, answerTypes(each), definitions) },
        ]),
      ),
      ...unauthorized,
    },
    "x-kubernetes-action": action,
    "x-kubernetes-group-version-kind": { group: kind.group, kind: kind.kind, version: kind.version },
  };
}

const reasons: ReadonlyMap<number, string> = new Map([
  [200, "OK"],
  [201, "Created"],
  [202, "Accepted"],
]);

function requestBody({ content, required }: NonNullable<Operation["body"]>, definitions: Definitions): object {
  const types = content.type === "patch" ? patchTypes : ["*/*"];
  return { content: contentOf(content, types, definitions), ...(required ? { required } : {}) };
}

function contentOf(content: Content, types: readonly string[], definitions: Definitions): object {
  const schema: JsonSchema =
    content.type === "text" ? { type: "string" } : definitions.addressOf(definitions.schemaOf(content), "v3");
  const event = definitions.addressOf(watchEvent, "v3");
  return Object.fromEntries(types.map((type) => [type, { schema: describesWatch(type) ? event : schema }]));
}

const parameter = ({ name, in: where, type, description }: Parameter): object => ({
  name,
  in: where,
  description,
  ...(where === "path" ? { required: true } : {}),
  schema: { type, uniqueItems: true },
});
