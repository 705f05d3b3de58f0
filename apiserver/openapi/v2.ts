/** The one document of OpenAPI 2.0, as values that JSON and protocol buffers are written from. */
import { listSchemaOf } from "../../apimachinery/list-kind.js";
import { apiResourceList, statusKind, watchEvent } from "../../apimachinery/meta-kinds.js";
import type { ResourceDefinition } from "../../apimachinery/resource.js";
import type { JsonSchema } from "../../apimachinery/schema/json-schema.js";
import type { Schema } from "../../apimachinery/schema/schema.js";
import { type Definitions, type Rendered, scalarDefinitions } from "./definitions.js";
import { answerTypes, patchTypes } from "./media-types.js";
import { type Content, contentsOf, type Operation, type PathItem, pathsOf, tagOf } from "./operations.js";
import type { Parameter } from "./parameters.js";

/** Everything but paths and definitions. */
export const documentFrame = (info: object) => ({
  swagger: "2.0",
  info,
  securityDefinitions: {
    BearerToken: { type: "apiKey", name: "authorization", in: "header", description: "Bearer token" },
  },
  security: [{ BearerToken: [] }],
});

/** Paths with what they answer, one after the other. */
export function* pathEntries(
  resources: readonly ResourceDefinition[],
  definitions: Definitions,
): Generator<readonly [path: string, item: object]> {
  for (const resource of resources)
    for (const item of pathsOf(resource)) yield [item.path, pathItem(item, definitions, tagOf(resource))];
}

/** Definitions by name, one after the other. */
export function* definitionEntries(
  resources: readonly ResourceDefinition[],
  definitions: Definitions,
): Generator<Rendered> {
  const roots: Schema<unknown>[] = [apiResourceList, statusKind, watchEvent];
  for (const resource of resources) {
    roots.push(resource.schema);
    if (resource.verbs.includes("list")) roots.push(listSchemaOf(resource));
    for (const content of pathsOf(resource).flatMap(contentsOf)) roots.push(definitions.schemaOf(content));
  }
  for (const node of definitions.closure(new Set(roots))) yield definitions.render(node, "v2");
  yield* scalarDefinitions("v2");
}

function pathItem({ parameters, operations }: PathItem, definitions: Definitions, tag: string): object {
  return {
    ...Object.fromEntries(operations.map((each) => [each.method, operation(each, definitions, tag)])),
    parameters: parameters.map(parameter),
  };
}

function operation(each: Operation, definitions: Definitions, tag: string): object {
  const { id, description, action, kind, parameters, body, answers } = each;
  const consumes = body?.content.type === "patch" ? patchTypes : ["*/*"];
  return {
    tags: [tag],
    description,
    operationId: id,
    consumes,
    produces: answerTypes(each),
    parameters: [
      ...(body
        ? [{ name: "body", in: "body", required: body.required, schema: schemaOf(body.content, definitions) }]
        : []),
      ...parameters.map(parameter),
    ],
    responses: {
      ...Object.fromEntries(
        answers.map(({ status, content }) => [status, { description: "OK", schema: schemaOf(content, definitions) }]),
      ),
      401: { description: "Unauthorized" },
    },
    "x-kubernetes-action": action,
    "x-kubernetes-group-version-kind": { group: kind.group, kind: kind.kind, version: kind.version },
  };
}

const schemaOf = (content: Content, definitions: Definitions): JsonSchema =>
  content.type === "text" ? { type: "string" } : definitions.addressOf(definitions.schemaOf(content), "v2");

const parameter = ({ name, in: where, type, description }: Parameter): object => ({
  name,
  in: where,
  type,
  description,
  ...(where === "path" ? { required: true } : {}),
  uniqueItems: true,
});
