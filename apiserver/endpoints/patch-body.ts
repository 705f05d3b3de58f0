import { stringifyJson } from "../../apimachinery/codec/json.js";
import type { KubeObject } from "../../apimachinery/meta.js";
import { applyJsonPatch } from "../../apimachinery/patch/json.js";
import { applyMergePatch } from "../../apimachinery/patch/merge.js";
import { applyStrategicPatch } from "../../apimachinery/patch/strategic.js";
import { apiVersionOf, type ResourceDefinition } from "../../apimachinery/resource.js";
import { decode } from "../../apimachinery/schema/decode.js";
import { applyDefaults } from "../../apimachinery/schema/defaults.js";
import type { Schema } from "../../apimachinery/schema/schema.js";
import { badRequest, invalid, StatusError } from "../../apimachinery/status.js";
import { isRecord } from "../../base/record.js";
import type { RequestContext } from "../request.js";
import { mediaTypeOf, type ParsedBody, parseJsonBody, unsupportedMediaType, warnOf } from "./body.js";
import { type FieldValidation, type WriteQuery, writeQuery } from "./query.js";

/** Turns a document into the patched one. Neither is changed. */
type Apply = (schema: Schema<unknown>, document: unknown, patch: unknown) => unknown;

const operationsType = "application/json-patch+json";
const strategicType = "application/strategic-merge-patch+json";
const patchTypes: ReadonlyMap<string, Apply> = new Map<string, Apply>([
  [operationsType, (_schema, document, patch) => patchedByOperations(document, patch)],
  ["application/merge-patch+json", (_schema, document, patch) => applyMergePatch(document, objectOnly(patch))],
  [strategicType, (schema, document, patch) => applyStrategicPatch(schema, document, objectOnly(patch))],
]);
const applyType = "application/apply-patch+yaml";

export function patchQuery(context: RequestContext): WriteQuery {
  const query = writeQuery(context, "PatchOptions");
  const { query: asked, headers } = context.request;
  const options = { group: "meta.k8s.io", kind: "PatchOptions" };
  if (mediaTypeOf(headers["content-type"]) !== applyType) {
    if (asked.has("force"))
      throw invalid(options, "", [
        { path: "force", reason: "Forbidden", message: "may not be specified for non-apply patch" },
      ]);
  } else if (!asked.get("fieldManager"))
    throw invalid(options, "", [{ path: "fieldManager", reason: "Required", message: "is required for apply patch" }]);
  return query;
}

/** Reads the body; what it answers makes the patched object of the current one, decoded and with its defaults. */
export async function readPatch<T extends KubeObject>(
  context: RequestContext,
  definition: ResourceDefinition<T>,
  fieldValidation: FieldValidation,
): Promise<(current: T) => T> {
  const type = mediaTypeOf(context.request.headers["content-type"]);
  const apply = patchTypes.get(type);
  if (!apply) throw unsupportedMediaType([...patchTypes.keys(), applyType]);
  const patch = await readPatchValue(context, type);
  let warned = false;
  return (current) => {
    const applied = apply(definition.schema, current, patch.value);
    if (!isRecord(applied)) throw badRequest("the patch makes something other than an object of the document");
    const patched = typed(definition, applied, type);
    checkIdentity(definition, patched, current);
    const shown = type === strategicType ? patch.value : patched;
    const { value, unknownFields } = decode(definition.schema, patched, {
      strict: fieldValidation,
      problems: patch.problems,
      refusal: (why) => invalidPatch(shown, why),
    });
    if (fieldValidation === "Warn" && !warned) {
      warned = true;
      warnOf(context.warn, patch.problems, unknownFields);
    }
    return applyDefaults(definition.schema, value);
  };
}

async function readPatchValue({ request: { body } }: RequestContext, type: string): Promise<ParsedBody> {
  if (body.type === "value") return { value: body.value, problems: [] };
  const { value, problems } = parseJsonBody(body.type === "none" ? Buffer.alloc(0) : await body.read());
  if (type !== operationsType) return { value, problems };
  const found = [...problems, ...unknownMembers(value)];
  return { value, problems: found.map((problem) => `json patch ${problem}`) };
}

const operationMembers: ReadonlySet<string> = new Set(["op", "path", "from", "value"]);
const unknownMembersMax = 100;

/** Members of operations that no JSON patch has. */
function unknownMembers(patch: unknown): readonly string[] {
  const found: string[] = [];
  if (!Array.isArray(patch)) return found;
  for (const [index, operation] of patch.entries()) {
    if (!isRecord(operation)) continue;
    for (const name of Object.keys(operation))
      if (!operationMembers.has(name)) found.push(`unknown field ${JSON.stringify(`[${index}].${name}`)}`);
    if (found.length > unknownMembersMax) break;
  }
  return found;
}

/** Which operation does not fit, and why, Kubernetes does not say: clients know these words alone. */
function patchedByOperations(document: unknown, patch: unknown): unknown {
  try {
    return applyJsonPatch(document, patch);
  } catch (error) {
    if (!(error instanceof StatusError) || error.reason !== "Invalid") throw error;
    throw new StatusError("Invalid", "the server rejected our request due to an error in our request");
  }
}

function objectOnly(patch: unknown): Readonly<Record<string, unknown>> {
  if (!isRecord(patch)) throw badRequest("error decoding patch: the patch must be an object");
  return patch;
}

/**
 * A strategic patch changes fields of the kind that the path names, whatever kind it calls itself by (clients scale with
 * one that says Deployment). The others make a document, which must be of that kind as far as it says.
 */
function typed(
  definition: ResourceDefinition,
  patched: Readonly<Record<string, unknown>>,
  type: string,
): Readonly<Record<string, unknown>> {
  const own = { kind: definition.kind, apiVersion: apiVersionOf(definition) };
  if (patched.kind === own.kind && patched.apiVersion === own.apiVersion) return patched;
  if (type !== strategicType) {
    const { kind, apiVersion } = { kind: patched.kind || own.kind, apiVersion: patched.apiVersion || own.apiVersion };
    if (kind !== own.kind || apiVersion !== own.apiVersion)
      throw invalidPatch(
        patched,
        `a ${own.kind} of ${own.apiVersion} cannot become ${show(kind)} of ${show(apiVersion)}`,
      );
  }
  return { ...patched, ...own };
}

const show = (value: unknown): string => (typeof value === "string" ? value : stringifyJson(value));

function checkIdentity(
  definition: ResourceDefinition,
  patched: Readonly<Record<string, unknown>>,
  current: KubeObject,
): void {
  const { name, namespace, uid } = isRecord(patched.metadata) ? patched.metadata : {};
  const { metadata } = current;
  if (name !== metadata.name) {
    const found = typeof name === "string" ? name : JSON.stringify(name ?? "");
    throw badRequest(`the name of the object (${found}) does not match the name on the URL (${metadata.name})`);
  }
  if (namespace && namespace !== metadata.namespace)
    throw badRequest("the namespace of the provided object does not match the namespace sent on the request");
  // Controllers give the uid that they mean and read this refusal as: it is another object by now.
  if (uid && uid !== metadata.uid)
    throw invalid(definition, metadata.name, [
      { path: "metadata.uid", reason: "Invalid", value: uid, message: "field is immutable" },
    ]);
}

const invalidPatch = (shown: unknown, why: string): StatusError =>
  invalid({ group: "", kind: "" }, "", [
    { path: "patch", reason: "Invalid", value: stringifyJson(shown), message: why },
  ]);
