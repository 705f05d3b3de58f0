import type { KubeObject } from "../../apimachinery/meta.js";
import type { ResourceDefinition } from "../../apimachinery/resource.js";
import type { FieldError } from "../../apimachinery/schema/schema.js";
import { alreadyExists, badRequest, invalid, StatusError } from "../../apimachinery/status.js";
import { validateObject } from "../../apimachinery/validate-object.js";
import { toTime } from "../../base/clock.js";
import type { AdmissionRequest } from "../admission/admission.js";
import { type ObjectRevision, revisionOf, unstoredRevision } from "../encoding/object-revision.js";
import { encodeStored } from "../encoding/stored-object.js";
import { objectKey } from "../storage/keys.js";
import type { RegistryCore, WriteOptions } from "./core.js";
import { creatorsFields, withManagedFields } from "./managed-fields.js";
import { withMeta } from "./object-parts.js";
import { prepareNew } from "./prepare.js";
import { shownAs } from "./served.js";

/** Encoded objects larger than this are refused. */
export const maxObjectBytes = 1.5 * 1024 * 1024;
/** Names tried for one generateName before giving up. */
const generatedNameAttempts = 8;
const generatedNameMaxLength = 63;
const generatedSuffixLength = 5;

/** Stores a new object. `draft` is decoded and has its defaults. */
export async function createObject<T extends KubeObject>(
  core: RegistryCore,
  definition: ResourceDefinition<T>,
  namespace: string,
  draft: T,
  options: WriteOptions,
): Promise<ObjectRevision<T>> {
  if (draft.metadata.resourceVersion) throw badRequest("resourceVersion should not be set on objects to be created");
  const uid = core.random.uuid();
  const prepared = prepareNew(definition, draft, { namespace, uid, creationTimestamp: toTime(core.clock.now()) });
  const wanted = (core.strategyOf(definition).prepare?.(prepared, undefined) ?? prepared) as T;
  const managedFields = options.isApplied
    ? draft.metadata.managedFields
    : creatorsFields(core, options.served ?? definition, wanted, options);
  const object = withManagedFields(wanted, managedFields);
  const admitted = await core.admission.mutate(admissionOf(definition, namespace, object, options));
  return storeNew(core, definition, namespace, (admitted ?? object) as T, options);
}

async function storeNew<T extends KubeObject>(
  core: RegistryCore,
  definition: ResourceDefinition<T>,
  namespace: string,
  object: T,
  options: WriteOptions,
): Promise<ObjectRevision<T>> {
  const { name, generateName } = object.metadata;
  const generates = !name && generateName !== undefined && generateName !== "";
  for (let attempt = 1; ; attempt++) {
    const named = generates ? withMeta(object, { name: nameFrom(core, generateName) }) : object;
    const complete = named.metadata.name ? (definition.complete?.(named) ?? named) : named;
    const stored = await storeNamed(core, definition, namespace, complete, options);
    if (stored) return stored;
    if (!generates) throw alreadyExists(definition, named.metadata.name);
    if (attempt === generatedNameAttempts) throw noUniqueName(definition, generateName);
  }
}

/** Undefined when the name is taken. */
async function storeNamed<T extends KubeObject>(
  core: RegistryCore,
  definition: ResourceDefinition<T>,
  namespace: string,
  object: T,
  options: WriteOptions,
): Promise<ObjectRevision<T> | undefined> {
  const { dryRun = false } = options;
  const errors = [...validateObject(definition, object, undefined), ...servedErrors(options.served, object, undefined)];
  if (errors.length > 0) throw invalid(definition, object.metadata.name ?? "", errors);
  await core.admission.validate(admissionOf(definition, namespace, object, options));
  const key = objectKey(definition, namespace, object.metadata.name);
  const strategy = core.strategyOf(definition);
  const reservation = await strategy.reserve?.({ object, old: undefined, dryRun, core });
  const final = (reservation?.object ?? object) as T;
  let stored: boolean | undefined = false;
  try {
    if (dryRun) return (await core.storage.get(key)) ? undefined : unstoredRevision(definition, key, final);
    const { bytes } = encodeStored(definition, final);
    checkSize(bytes);
    stored = undefined;
    const outcome = await core.storage.create(key, bytes, ttlOf(definition));
    stored = outcome.ok;
    return outcome.ok ? revisionOf(definition, key, bytes, outcome.revision) : undefined;
  } finally {
    // After a failure of the store nobody knows; what was reserved for nothing is found by the repair.
    if (stored !== undefined) await reservation?.settle(stored);
  }
}

/** What the rules of the version say in which the object was written. */
export const servedErrors = (
  served: ResourceDefinition | undefined,
  object: KubeObject,
  old: KubeObject | undefined,
): readonly FieldError[] => served?.validate?.(shownAs(served, object), old && shownAs(served, old)) ?? [];

export function checkSize(bytes: Uint8Array): void {
  if (bytes.length > maxObjectBytes)
    throw new StatusError("RequestEntityTooLarge", `Request entity too large: limit is ${maxObjectBytes}`);
}

export const ttlOf = ({ ttlSeconds }: ResourceDefinition): { readonly ttlSeconds?: number } =>
  ttlSeconds === undefined ? {} : { ttlSeconds };

function admissionOf(
  definition: ResourceDefinition,
  namespace: string,
  object: KubeObject,
  { user, dryRun = false, warn = ignore }: WriteOptions,
): AdmissionRequest {
  const name = object.metadata.name ?? "";
  const operation = "CREATE";
  return { operation, definition, subresource: "", namespace, name, object, oldObject: undefined, user, dryRun, warn };
}

export const ignore = (): void => {};

const nameFrom = ({ random }: RegistryCore, generateName: string): string =>
  generateName.slice(0, generatedNameMaxLength - generatedSuffixLength) + random.suffix(generatedSuffixLength);

const noUniqueName = (definition: ResourceDefinition, generateName: string): StatusError =>
  new StatusError(
    "AlreadyExists",
    `${definition.plural} ${JSON.stringify(generateName)} already exists, the server was not able to generate a unique name for the object`,
    { name: generateName, kind: definition.plural, retryAfterSeconds: 1 },
  );
