/** Keeps metadata.managedFields with every write: who set which field. */
import type { KubeObject, ManagedFieldsEntry } from "../../apimachinery/meta.js";
import { type Applied, applyConfiguration } from "../../apimachinery/patch/apply/apply.js";
import type { Manager } from "../../apimachinery/patch/apply/managers.js";
import { type OtherVersions, type Scope, trackCreate, trackUpdate } from "../../apimachinery/patch/apply/ownership.js";
import { shapeOf } from "../../apimachinery/patch/apply/shape.js";
import type { JsonObject } from "../../apimachinery/patch/merge.js";
import { apiVersionOf, type ResourceDefinition } from "../../apimachinery/resource.js";
import { type Clock, toTime } from "../../base/clock.js";
import type { WriteOptions } from "./core.js";
import type { Kinds } from "./kinds.js";
import type { Part } from "./prepare.js";
import { inOtherVersion, shownAs } from "./served.js";

/** Writers who do not say who they are. */
const unknownManager = "unknown";

type Entries = readonly ManagedFieldsEntry[] | undefined;
interface Timed {
  readonly clock: Clock;
  readonly kinds: Kinds;
}

/** All that a new object, given as it is stored, holds in the creator's version is its creator's. */
export const creatorsFields = (
  { clock }: Timed,
  definition: ResourceDefinition,
  object: KubeObject,
  { manager }: WriteOptions,
): Entries =>
  trackCreate(
    shapeOf(definition.schema),
    shownAs(definition, object),
    managerOf(definition, manager, "Update", ""),
    scopeOf(definition, "main"),
    toTime(clock.now()),
  );

/** What an update changed in the updater's version is the updater's. `old` and `next` are as they are stored. */
export const updatersFields = (
  { clock, kinds }: Timed,
  definition: ResourceDefinition,
  write: {
    readonly old: KubeObject;
    readonly next: KubeObject;
    /** As the writer sent them. */
    readonly given: Entries;
    readonly subresource: string;
    readonly part: Part;
  },
  { manager }: WriteOptions,
): Entries =>
  trackUpdate(shapeOf(definition.schema), {
    before: shownAs(definition, write.old),
    after: shownAs(definition, write.next),
    stored: write.old.metadata.managedFields,
    given: write.given,
    manager: managerOf(definition, manager, "Update", write.subresource),
    scope: scopeOf(definition, write.part),
    otherVersions: otherVersions(kinds, definition),
    now: toTime(clock.now()),
  });

/** Lays a configuration over an object of the same version, or over nothing. Throws Conflict. */
export const applied = (
  { clock, kinds }: Timed,
  definition: ResourceDefinition,
  write: {
    readonly live: KubeObject | undefined;
    readonly config: JsonObject;
    readonly subresource: string;
    readonly part: Part;
    readonly force: boolean;
  },
  { manager }: WriteOptions,
): Applied =>
  applyConfiguration(shapeOf(definition.schema), {
    live: (write.live ?? {}) as object as JsonObject,
    stored: write.live?.metadata.managedFields,
    config: write.config,
    manager: managerOf(definition, manager, "Apply", write.subresource),
    force: write.force,
    scope: scopeOf(definition, write.part),
    otherVersions: otherVersions(kinds, definition),
    now: toTime(clock.now()),
  });

/** How owners that wrote in another version see a change; undefined for a kind that is served in one alone. */
function otherVersions(kinds: Kinds, definition: ResourceDefinition): OtherVersions | undefined {
  if (!kinds.hasVersions(definition)) return undefined;
  return (apiVersion) => {
    const other = kinds.version(definition, apiVersion);
    if (!other || other === definition) return undefined;
    const show = (object: object): KubeObject => inOtherVersion(definition, other, object as KubeObject);
    const write = (object: object): KubeObject => inOtherVersion(other, definition, object as KubeObject);
    return { shape: shapeOf(other.schema), show, write };
  };
}

export function withManagedFields<T extends KubeObject>(object: T, managedFields: Entries): T {
  if (object.metadata.managedFields === managedFields) return object;
  const { managedFields: _, ...metadata } = object.metadata;
  return { ...object, metadata: managedFields ? { ...metadata, managedFields } : metadata };
}

const managerOf = (
  definition: ResourceDefinition,
  manager: string | undefined,
  operation: Manager["operation"],
  subresource: string,
): Manager => ({ manager: manager || unknownManager, operation, apiVersion: apiVersionOf(definition), subresource });

const scopeOf = ({ subresources }: ResourceDefinition, part: Part): Scope => ({
  part,
  hasStatusEndpoint: subresources.status === true,
});
