/** Server-side apply: PATCH with a configuration, of which the server keeps who applied what. */
import { stringifyJson } from "../../apimachinery/codec/json.js";
import type { KubeObject } from "../../apimachinery/meta.js";
import { withEmpties } from "../../apimachinery/patch/apply/empties.js";
import { shapeOf } from "../../apimachinery/patch/apply/shape.js";
import { misfits } from "../../apimachinery/patch/apply/typed.js";
import type { JsonObject } from "../../apimachinery/patch/merge.js";
import { apiVersionOf, type ResourceDefinition } from "../../apimachinery/resource.js";
import { decode } from "../../apimachinery/schema/decode.js";
import { applyDefaults } from "../../apimachinery/schema/defaults.js";
import { jsonTypeOf } from "../../apimachinery/schema/go-names.js";
import { badRequest, conflict, notFound, StatusError, unclassified } from "../../apimachinery/status.js";
import { isRecord } from "../../base/record.js";
import { applied, withManagedFields } from "../registry/managed-fields.js";
import type { Change } from "../registry/update.js";
import type { Answer, RequestContext } from "../request.js";
import { checkAddress, mediaTypeOf, type ParsedBody, parseYamlBody, warnOf } from "./body.js";
import { patchQuery } from "./patch-body.js";
import { booleanOf, type FieldValidation } from "./query.js";
import type { EndpointApi, Target } from "./target.js";

const yamlType = "application/apply-patch+yaml";
/** How often an apply changes its mind between creating and changing while others delete and create. */
const maxTurns = 5;

export const isApply = ({ request: { headers } }: RequestContext): boolean =>
  mediaTypeOf(headers["content-type"]) === yamlType;

/** Applies to the object itself, making it where it is not there, or to its status. */
export async function applyObject(
  context: RequestContext,
  target: Target,
  api: EndpointApi,
  subresource: "" | "status",
): Promise<Answer> {
  const { definition, ...address } = target;
  const { options, fieldValidation } = patchQuery(context);
  const config = await readConfiguration(context, definition, address, fieldValidation);
  const write = { ...options, isApplied: true };
  const change = applyingChange(context, api, definition, config, subresource);
  for (let turn = 1; ; turn++) {
    const updated = await api.registry.updateIfThere(definition, address, change, write);
    if (updated) return { type: "object", status: 200, revision: updated.revision };
    if (subresource !== "") throw notFound(definition, address.name);
    const { uid } = config.metadata;
    if (uid)
      throw conflict(
        definition,
        address.name,
        `uid mismatch: the provided object specified uid ${uid}, and no existing object was found`,
      );
    context.requireRight("create");
    try {
      const draft = makeApplied(context, api, definition, config, subresource, undefined);
      const revision = await api.registry.create(definition, address.namespace, draft, write);
      return { type: "object", status: 201, revision };
    } catch (error) {
      if (!(error instanceof StatusError && error.reason === "AlreadyExists") || turn === maxTurns) throw error;
    }
  }
}

/** Lays the configuration over whatever is stored. */
export const applyingChange = (
  context: RequestContext,
  api: EndpointApi,
  definition: ResourceDefinition,
  config: KubeObject,
  subresource: string,
): Change<KubeObject> => ({
  subresource,
  part: subresource === "status" ? "status" : "main",
  next: (current) => makeApplied(context, api, definition, config, subresource, current),
});

function makeApplied(
  context: RequestContext,
  api: EndpointApi,
  definition: ResourceDefinition,
  config: KubeObject,
  subresource: string,
  live: KubeObject | undefined,
): KubeObject {
  const force = booleanOf(context.request.query, "force");
  const { options } = patchQuery(context);
  const part = subresource === "status" ? ("status" as const) : ("main" as const);
  const wanted = config as object as JsonObject;
  const { object, managedFields } = applied(
    api,
    definition,
    { live, config: wanted, subresource, part, force },
    options,
  );
  const made = object as object as KubeObject;
  if (made === live) return withManagedFields(live, managedFields);
  // What was claimed as empty is kept as absent.
  const { value } = decode(definition.schema, made, { strict: "Ignore" });
  return withManagedFields(applyDefaults(definition.schema, value), managedFields);
}

/** The body as a configuration of the object that the path names: decoded, without defaults, with what it says is empty. */
export async function readConfiguration(
  context: RequestContext,
  definition: ResourceDefinition,
  address: { readonly namespace: string; readonly name: string },
  fieldValidation: FieldValidation,
): Promise<KubeObject> {
  const body = await readApplied(context);
  const value = body.value ?? {};
  if (!isRecord(value))
    throw badRequest(
      `${notMap}json: cannot unmarshal ${jsonTypeOf(value)} into Go value of type map[string]interface {}`,
    );
  if (fieldValidation === "Strict" && body.problems.length > 0)
    throw badRequest(`error strict decoding YAML: ${body.problems.join(", ")}`);
  if (fieldValidation === "Warn") warnOf(context.warn, body.problems, []);
  const expected = versionAndKind(apiVersionOf(definition), definition.kind);
  const said = versionAndKind(value.apiVersion ?? "", value.kind ?? "");
  if (said !== expected) throw badRequest(`invalid object type: ${said}`);
  const given = isRecord(value.metadata) ? value.metadata : {};
  if ((given.managedFields ?? undefined) !== undefined) throw badRequest("metadata.managedFields must be nil");
  const what = `${shown(given.namespace)}/${shown(given.name)}; ${said}`;
  const problem = misfits(definition.schema, value);
  if (problem !== undefined) throw unclassified(`failed to create typed patch object (${what}): ${problem}`);
  const { value: decoded } = decode(definition.schema, value, {
    strict: "Ignore",
    mismatches: "conversion",
    refusal: (why) => unclassified(`failed to convert new typed object (${what}) to object: ${why}`),
  });
  const config = named(decoded, address.name);
  checkAddress(definition, config, address);
  return withEmpties(shapeOf(definition.schema), config, value) as KubeObject;
}

const notMap = "error decoding YAML: error unmarshaling JSON: while decoding JSON: ";

/** `apps/v1, Kind=Deployment`; of the core group `/v1, Kind=Pod`. */
function versionAndKind(apiVersion: unknown, kind: unknown): string {
  const version = shown(apiVersion);
  return `${version.includes("/") ? "" : "/"}${version}, Kind=${shown(kind)}`;
}

const shown = (value: unknown): string =>
  typeof value === "string" ? value : (value ?? undefined) === undefined ? "" : stringifyJson(value);

/** The path says the name where the configuration does not. */
const named = (config: KubeObject, name: string): KubeObject => ({
  ...config,
  metadata: { ...config.metadata, name: config.metadata?.name ?? name },
});

async function readApplied({ request: { body } }: RequestContext): Promise<ParsedBody> {
  if (body.type === "value") return { value: body.value, problems: [] };
  const bytes = body.type === "none" ? Buffer.alloc(0) : await body.read();
  return parseYamlBody(bytes).catch((error: unknown) => {
    throw error instanceof StatusError ? badRequest(`error decoding YAML: ${error.message}`) : error;
  });
}
