/** Objects of the built-in kinds in protocol buffers; custom kinds have none. */

import { tokenRequests } from "../../api/authentication/token-request.js";
import { scales } from "../../api/autoscaling/scale.js";
import { builtins } from "../../api/catalogue.js";
import { fieldNumbers } from "../../api/field-numbers/catalogue.js";
import { evictions } from "../../api/policy/eviction.js";
import { decodeObject } from "../../apimachinery/codec/protobuf/decode.js";
import { encodeObject } from "../../apimachinery/codec/protobuf/encode.js";
import { envelopeHead, openEnvelope } from "../../apimachinery/codec/protobuf/envelope.js";
import { listFields, type NumberedField, parseFieldNumbers } from "../../apimachinery/codec/protobuf/field-numbers.js";
import { Plans } from "../../apimachinery/codec/protobuf/plan.js";
import { ProtoWriter } from "../../apimachinery/codec/protobuf/writer.js";
import { deleteOptions } from "../../apimachinery/delete-options.js";
import { listSchemaOf } from "../../apimachinery/list-kind.js";
import { listMeta, partialObjectMetadata, statusKind } from "../../apimachinery/meta-kinds.js";
import { apiVersionOf, type ResourceDefinition } from "../../apimachinery/resource.js";
import { definitionsOf, type ObjectNode } from "../../apimachinery/schema/json-schema.js";
import type { Schema } from "../../apimachinery/schema/schema.js";
import { badRequest } from "../../apimachinery/status.js";
import { nameDefinitions } from "../openapi/definition-names.js";
import type { Revision } from "../request.js";

/** Whether objects of the kind have this form. */
export function hasProtobuf({ group, version, kind, schema }: ResourceDefinition): boolean {
  const known = tables().kinds.get(`${group === "" ? version : `${group}/${version}`}/${kind}`);
  return known !== undefined && known === schema.node && isNumbered(known);
}

/** Whether every field that the definition leads to has a number. */
function isNumbered(definition: ObjectNode): boolean {
  const { plans, numbered } = tables();
  let known = numbered.get(definition);
  if (known === undefined) {
    const complete = (node: ObjectNode): boolean => plans.of(node) !== undefined && plans.missing(node).length === 0;
    known = definitionsOf({ node: definition }).every(complete);
    numbered.set(definition, known);
  }
  return known;
}

/** Whether a value that is not stored (Status, review, Scale) has this form. */
export const valueHasProtobuf = (value: unknown): boolean => kindOf(value) !== undefined;

/** The whole of what is sent for such a value. */
export function encodeValue(value: unknown): Uint8Array {
  const known = kindOf(value);
  if (!known) throw new TypeError("the value has no form as protocol buffer");
  return wrapped(known, encodeFields(known.definition, value));
}

export interface TypeMeta {
  readonly apiVersion: string;
  readonly kind: string;
}

/** With the envelope that tells what it is. */
export const wrapped = (type: TypeMeta, raw: Uint8Array): Uint8Array =>
  Buffer.concat([wrappedHead(type, raw.length), raw]);
export const wrappedHead = ({ apiVersion, kind }: TypeMeta, rawBytes: number): Uint8Array =>
  envelopeHead({ apiVersion, kind }, rawBytes);

/** An object's own bytes, without envelope; made once a revision. */
export function encodeRevision(revision: Revision): Uint8Array {
  const known = encoded.get(revision);
  if (known) return known;
  const bytes = encodeObjectOf(revision.definition, revision.object);
  encoded.set(revision, bytes);
  return bytes;
}
const encoded = new WeakMap<Revision, Uint8Array>();

export const encodeObjectOf = (definition: ResourceDefinition, object: unknown): Uint8Array =>
  encodeFields(objectNode(definition.schema), object);
export const encodePartialMetadata = (partial: unknown): Uint8Array =>
  encodeFields(objectNode(partialObjectMetadata), partial);
export const encodeListMeta = (metadata: unknown): Uint8Array => encodeFields(objectNode(listMeta), metadata);

/** A body in this form as JSON would have it. Throws BadRequest. */
export function decodeBody(bytes: Uint8Array): unknown {
  try {
    const { apiVersion, kind, raw } = openEnvelope(bytes);
    const { kinds, plans } = tables();
    const definition = kind === "DeleteOptions" ? objectNode(deleteOptions) : kinds.get(`${apiVersion}/${kind}`);
    if (!definition || !isNumbered(definition))
      throw badRequest(`no kind ${JSON.stringify(kind)} is registered for version ${JSON.stringify(apiVersion)}`);
    return { kind, apiVersion, ...decodeObject(plans, definition, raw) };
  } catch (error) {
    if (error instanceof SyntaxError) throw badRequest(`unable to decode the body as protobuf: ${error.message}`);
    throw error;
  }
}

/** Fields of a definition that have no number: such a definition is not written in this form. For tests. */
export const unnumberedFields = (definition: ObjectNode): readonly string[] => tables().plans.missing(definition);

interface Tables {
  readonly plans: Plans;
  /** `apps/v1/Deployment` */
  readonly kinds: ReadonlyMap<string, ObjectNode>;
  readonly numbered: Map<ObjectNode, boolean>;
}

let made: Tables | undefined;

/** Made when the first client asks for this form. */
function tables(): Tables {
  made ??= makeTables();
  return made;
}

function makeTables(): Tables {
  const definitions = [...builtins, scales, evictions, tokenRequests] as readonly ResourceDefinition[];
  const nameOf = nameDefinitions(definitions);
  const packages = new Map<string, ReadonlyMap<string, readonly NumberedField[]>>();
  const packageOf = (name: string): ReadonlyMap<string, readonly NumberedField[]> => {
    const fields = packages.get(name) ?? parseFieldNumbers(fieldNumbers[name] ?? "");
    packages.set(name, fields);
    return fields;
  };
  const plans = new Plans((definition, name): readonly NumberedField[] | undefined => {
    const full = nameOf(definition) ?? "";
    const fields = packageOf(full.slice(0, full.lastIndexOf("."))).get(name);
    return fields ?? (isList(definition) ? listFields : undefined);
  });
  const kinds = new Map<string, ObjectNode>();
  for (const definition of definitions) {
    const name = `${apiVersionOf(definition)}/${definition.kind}`;
    kinds.set(name, objectNode(definition.schema));
    kinds.set(`${name}List`, objectNode(listSchemaOf(definition)));
    for (const older of definition.alsoReadAs) kinds.set(`${older}/${definition.kind}`, objectNode(definition.schema));
  }
  kinds.set("v1/Status", objectNode(statusKind));
  kinds.set("meta.k8s.io/v1/PartialObjectMetadata", objectNode(partialObjectMetadata));
  return { plans, kinds, numbered: new Map() };
}

const isList = ({ name, fields }: ObjectNode): boolean => name.endsWith("List") && fields.has("items");

/** One for all: it is empty again whenever an encoding is done. */
const writer = new ProtoWriter();

function encodeFields(definition: ObjectNode, value: unknown): Uint8Array {
  try {
    encodeObject(writer, tables().plans, definition, value);
    return writer.finish();
  } catch (error) {
    writer.finish();
    throw error;
  }
}

function kindOf(value: unknown): (TypeMeta & { readonly definition: ObjectNode }) | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  const { apiVersion, kind } = value as Partial<Record<"apiVersion" | "kind", unknown>>;
  if (typeof apiVersion !== "string" || typeof kind !== "string") return undefined;
  const definition = tables().kinds.get(`${apiVersion}/${kind}`);
  return definition && isNumbered(definition) ? { apiVersion, kind, definition } : undefined;
}

function objectNode({ node }: Schema<unknown>): ObjectNode {
  if (node.type !== "object") throw new TypeError("the schema of a kind is a definition");
  return node;
}
