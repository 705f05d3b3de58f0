/** Bodies of requests: bytes of a known media type to a value, and values to objects of a kind. */
import { keyProblems, parseJson } from "../../apimachinery/codec/json.js";
import type { KubeObject } from "../../apimachinery/meta.js";
import { apiVersionOf, type ResourceDefinition } from "../../apimachinery/resource.js";
import { decode } from "../../apimachinery/schema/decode.js";
import { applyDefaults } from "../../apimachinery/schema/defaults.js";
import { jsonTypeOf } from "../../apimachinery/schema/go-names.js";
import type { Schema } from "../../apimachinery/schema/schema.js";
import { badRequest, StatusError } from "../../apimachinery/status.js";
import { isRecord } from "../../base/record.js";
import { protobufType } from "../encoding/accept.js";
import { decodeBody } from "../encoding/protobuf.js";
import type { RequestContext } from "../request.js";
import type { FieldValidation } from "./query.js";

/** A parsed body. Absent value: there was none. */
export interface ParsedBody {
  readonly value: unknown;
  /** What the parser found wrong without failing: `duplicate field "spec.replicas"`. */
  readonly problems: readonly string[];
  /** Those, and that these fields are unknown, in the order in which the body has them; absent: those first. */
  readonly inOrder?: (unknownFields: readonly string[]) => readonly string[];
}

const objectTypes = ["application/json", "application/yaml", protobufType];

/** The body in any media type that objects come in. Throws UnsupportedMediaType. */
export async function readBody({ request: { body, headers } }: RequestContext): Promise<ParsedBody> {
  if (body.type === "value") return { value: body.value, problems: [] };
  if (body.type === "none") return { value: undefined, problems: [] };
  const type = mediaTypeOf(headers["content-type"]);
  const isYaml = type === "application/yaml";
  const isProtobuf = type === protobufType;
  if (!isYaml && !isProtobuf && type !== "application/json" && type !== "") throw unsupportedMediaType(objectTypes);
  const bytes = await body.read();
  if (bytes.length === 0) return { value: undefined, problems: [] };
  if (isProtobuf) return { value: decodeBody(bytes), problems: [] };
  return isYaml ? parseYamlBody(bytes) : parseJsonBody(bytes);
}

/** `application/json; charset=utf-8` to `application/json`. */
export const mediaTypeOf = (contentType: string | undefined): string =>
  (contentType ?? "").split(";", 1)[0]?.trim().toLowerCase() ?? "";

export const unsupportedMediaType = (accepted: readonly string[]): StatusError =>
  new StatusError(
    "UnsupportedMediaType",
    `the body of the request was in an unknown format - accepted media types include: ${accepted.join(", ")}`,
  );

export function parseJsonBody(bytes: Uint8Array): ParsedBody {
  const { value, duplicateFields } = parseJson(bytes, { strict: true });
  const problems = keyProblems(bytes, { duplicate: duplicateFields, unknown: [] });
  return { value, problems, inOrder: (unknown) => keyProblems(bytes, { duplicate: duplicateFields, unknown }) };
}

export async function parseYamlBody(bytes: Buffer): Promise<ParsedBody> {
  const { readYaml } = await import("../../apimachinery/codec/yaml.js");
  const { documents, duplicateKeys } = readYaml(bytes.toString());
  if (documents.length > 1) throw badRequest("the body of the request holds more than one YAML document");
  return { value: documents[0], problems: duplicateKeys };
}

/** The body as an object of the kind that the path names, with its defaults. */
export async function readObject<T extends KubeObject>(
  context: RequestContext,
  definition: ResourceDefinition<T>,
  fieldValidation: FieldValidation,
): Promise<T> {
  return toObject(context, definition, await readTyped(context, definition), fieldValidation);
}

/** The body as an object's fields, of whatever kind it says. What is none is told as one who looked for its kind would. */
async function readTyped(context: RequestContext, { kind }: ResourceDefinition): Promise<ParsedBody> {
  const { body, headers } = context.request;
  const unrecognized = async (why: string): Promise<StatusError> => {
    const summary = summaryOf(body.type === "stream" ? await body.read() : Buffer.alloc(0));
    return badRequest(
      `the object provided is unrecognized (must be of type ${kind}): couldn't get version/kind; json parse error: ${why} (${summary})`,
    );
  };
  let read: ParsedBody;
  try {
    read = await readBody(context);
  } catch (error) {
    const isText = error instanceof StatusError && error.reason === "BadRequest";
    throw isText && isJson(headers["content-type"]) ? await unrecognized(error.message) : error;
  }
  if (read.value === undefined) throw await unrecognized("unexpected end of JSON input");
  if (read.value === null) return { ...read, value: {} };
  if (!isRecord(read.value)) throw await unrecognized(noTypeMeta(read.value));
  return read;
}

const isJson = (contentType: string | undefined): boolean =>
  ["", "application/json"].includes(mediaTypeOf(contentType));

const summaryMaxBytes = 30;

/** The start of a body: of an object its text, of anything else its bytes. */
function summaryOf(bytes: Buffer): string {
  if (bytes.length === 0) return "<empty>";
  const start = bytes.subarray(0, summaryMaxBytes);
  const shown = start[0] === 0x7b ? start.toString() : start.toString("hex");
  return bytes.length > summaryMaxBytes ? `${shown} ...` : shown;
}

/** Why a JSON value has neither kind nor version. */
export const noTypeMeta = (value: unknown): string =>
  `json: cannot unmarshal ${jsonTypeOf(value)} into Go value of type struct ` +
  '{ APIVersion string "json:\\"apiVersion,omitempty\\""; Kind string "json:\\"kind,omitempty\\"" }';

/** Checks kind and version, decodes and fills in defaults; what is not refused is warned of. */
export function toObject<T extends KubeObject>(
  { warn }: Pick<RequestContext, "warn">,
  definition: ResourceDefinition<T>,
  { value, problems, inOrder }: ParsedBody,
  fieldValidation: FieldValidation,
): T {
  const typed = withType(definition, value);
  const options = { strict: fieldValidation, problems, ...(inOrder ? { inOrder } : {}) };
  const { value: object, unknownFields } = decode(definition.schema, typed, options);
  if (fieldValidation === "Warn") {
    if (inOrder) warnOf(warn, inOrder(unknownFields), []);
    else warnOf(warn, problems, unknownFields);
  }
  return applyDefaults(definition.schema, object);
}

/** A body that is no object of a resource (DeleteOptions): decoded only. */
export const toValue = <T>(schema: Schema<T>, { value, problems }: ParsedBody): T =>
  decode(schema, value, { strict: "Ignore", problems }).value;

export function warnOf(
  warn: (text: string) => void,
  problems: readonly string[],
  unknownFields: readonly string[],
): void {
  for (const problem of problems) warn(problem);
  for (const path of unknownFields) warn(`unknown field ${JSON.stringify(path)}`);
}

/** The path names kind and version; a body that leaves them out means those, one that says otherwise is refused. */
function withType(definition: ResourceDefinition, value: unknown): unknown {
  if (!isRecord(value)) return value;
  const apiVersion = apiVersionOf(definition);
  const given = { kind: value.kind || definition.kind, apiVersion: value.apiVersion || apiVersion };
  const readable = definition.alsoReadAs.some((older) => older === given.apiVersion);
  if (given.apiVersion !== apiVersion && !readable) {
    const found = typeof given.apiVersion === "string" ? given.apiVersion : JSON.stringify(given.apiVersion);
    throw badRequest(`the API version in the data (${found}) does not match the expected API version (${apiVersion})`);
  }
  if (given.kind !== definition.kind) {
    const found = typeof given.kind === "string" ? given.kind : JSON.stringify(given.kind);
    throw badRequest(
      `${found} in version ${JSON.stringify(definition.version)} cannot be handled as a ${definition.kind}: ` +
        "the kind of the object is not the one that the path names",
    );
  }
  return value.kind === given.kind && value.apiVersion === apiVersion ? value : { ...value, ...given, apiVersion };
}

/** Name and namespace that an object in a body may have, given those in the path. */
export function checkAddress(
  definition: ResourceDefinition,
  { metadata }: KubeObject,
  { namespace, name }: { readonly namespace: string; readonly name: string },
): void {
  if (definition.scope === "Namespaced" && metadata.namespace && metadata.namespace !== namespace)
    throw badRequest("the namespace of the provided object does not match the namespace sent on the request");
  if (name === "") return;
  if (!metadata.name)
    throw badRequest(`the name of the object (${name} based on URL) was undeterminable: name must be provided`);
  if (metadata.name !== name)
    throw badRequest(`the name of the object (${metadata.name}) does not match the name on the URL (${name})`);
}
