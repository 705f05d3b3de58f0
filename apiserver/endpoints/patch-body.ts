import { stringifyJson } from "../../apimachinery/codec/json.js";
import type { KubeObject } from "../../apimachinery/meta.js";
import { applyJsonPatch } from "../../apimachinery/patch/json.js";
import { applyMergePatch } from "../../apimachinery/patch/merge.js";
import { applyStrategicPatch } from "../../apimachinery/patch/strategic.js";
import { apiVersionOf, type ResourceDefinition } from "../../apimachinery/resource.js";
import { decode } from "../../apimachinery/schema/decode.js";
import { applyDefaults } from "../../apimachinery/schema/defaults.js";
import { jsonTypeOf } from "../../apimachinery/schema/go-names.js";
import type { Schema } from "../../apimachinery/schema/schema.js";
import { badRequest, invalid, StatusError } from "../../apimachinery/status.js";
import { goText } from "../../base/go-text.js";
import { isRecord } from "../../base/record.js";
import type { RequestContext } from "../request.js";
import { mediaTypeOf, noTypeMeta, type ParsedBody, parseJsonBody, unsupportedMediaType, warnOf } from "./body.js";
import { type FieldValidation, type WriteQuery, writeQuery } from "./query.js";

interface PatchType {
  /** Turns a document into the patched one. Neither is changed. */
  readonly apply: (schema: Schema<unknown>, document: unknown, patch: unknown) => unknown;
  /** Why a body is no patch of this type where fields are validated; the bounds of what `apply` takes are its own. */
  readonly misread?: (patch: unknown) => string | undefined;
}

const operationsType = "application/json-patch+json";
const mergeType = "application/merge-patch+json";
const strategicType = "application/strategic-merge-patch+json";
const patchTypes: ReadonlyMap<string, PatchType> = new Map<string, PatchType>([
  [
    operationsType,
    { apply: (_schema, document, patch) => patchedByOperations(document, patch), misread: misreadOperations },
  ],
  [
    mergeType,
    { apply: (_schema, document, patch) => applyMergePatch(document, mergeable(patch)), misread: misreadMap },
  ],
  [strategicType, { apply: (schema, document, patch) => applyStrategicPatch(schema, document, map(patch)) }],
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
  const patchType = patchTypes.get(type);
  if (!patchType) throw unsupportedMediaType([...patchTypes.keys(), applyType]);
  const patch = await readPatchValue(context, type);
  const misread = fieldValidation === "Ignore" ? undefined : patchType.misread?.(patch.value);
  let warned = false;
  return (current) => {
    if (misread !== undefined) throw badRequest(`error decoding patch: ${misread}`);
    const applied = patchType.apply(definition.schema, current, patch.value);
    if (!isRecord(applied)) throw invalidPatch(stringifyJson(applied), noObject(applied));
    const patched = typed(definition, applied, type);
    const isStrategic = type === strategicType;
    const { value, unknownFields } = decode(definition.schema, patched, {
      strict: fieldValidation,
      problems: patch.problems,
      mismatches: isStrategic ? "conversion" : "reading",
      refusal: (why) => invalidPatch(isStrategic ? goText(patch.value) : stringifyJson(patched), why),
    });
    checkIdentity(definition, patched, current);
    if (fieldValidation === "Warn" && !warned) {
      warned = true;
      warnOf(context.warn, patch.problems, unknownFields);
    }
    return applyDefaults(definition.schema, value);
  };
}

async function readPatchValue({ request: { body } }: RequestContext, type: string): Promise<ParsedBody> {
  if (body.type === "value") return { value: body.value, problems: [] };
  const { value, problems } = parsedPatch(body.type === "none" ? Buffer.alloc(0) : await body.read(), type);
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

function parsedPatch(bytes: Buffer, type: string): ParsedBody {
  try {
    return parseJsonBody(bytes);
  } catch (error) {
    if (type === strategicType || !(error instanceof StatusError)) throw error;
    throw badRequest(`error decoding patch: ${error.message}`);
  }
}

/** Which operation does not fit, and why, Kubernetes does not say: clients know these words alone. */
function patchedByOperations(document: unknown, patch: unknown): unknown {
  try {
    return applyJsonPatch(document, patch);
  } catch (error) {
    if (!(error instanceof StatusError) || error.reason !== "Invalid") throw error;
    throw new StatusError("Invalid", "the server rejected our request due to an error in our request", {});
  }
}

const unreadable = (value: unknown, target: string): string =>
  `json: cannot unmarshal ${jsonTypeOf(value)} into Go ${target}`;
const mapType = "value of type map[string]interface {}";

function misreadOperations(patch: unknown): string | undefined {
  if (patch === null) return undefined;
  if (!Array.isArray(patch)) return unreadable(patch, "value of type []handlers.jsonPatchOp");
  for (const operation of patch) {
    if (operation === null) continue;
    if (!isRecord(operation)) return unreadable(operation, "value of type handlers.jsonPatchOp");
    for (const name of ["op", "path", "from"]) {
      const member = operation[name];
      if (member !== null && member !== undefined && typeof member !== "string")
        return unreadable(member, `struct field jsonPatchOp.${name} of type string`);
    }
  }
  return undefined;
}

function misreadMap(patch: unknown): string | undefined {
  return patch === null || isRecord(patch) ? undefined : unreadable(patch, mapType);
}

function mergeable(patch: unknown): Readonly<Record<string, unknown>> {
  if (!isRecord(patch)) throw badRequest("Invalid JSON Patch");
  return patch;
}

function map(patch: unknown): Readonly<Record<string, unknown>> {
  if (patch === null) return {};
  if (!isRecord(patch)) throw badRequest(unreadable(patch, mapType));
  return patch;
}

const noObject = (value: unknown): string => `couldn't get version/kind; json parse error: ${noTypeMeta(value)}`;

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
        stringifyJson(patched),
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

const invalidPatch = (shown: string, why: string): StatusError =>
  invalid({ group: "", kind: "" }, "", [{ path: "patch", reason: "Invalid", value: shown, message: why }]);
