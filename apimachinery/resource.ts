import { ageOf } from "./duration.js";
import { type KubeObject, type ObjectMeta, objectMeta, type StoredMeta } from "./meta.js";
import {
  type Draft,
  type FieldError,
  type Fields,
  object,
  optional,
  ref,
  type Schema,
  type Shape,
  string,
} from "./schema/schema.js";

/** What discovery says of a resource: enough to address it. Works for kinds known only at run time too. */
export interface ResourceRef {
  /** "" for the core group. */
  readonly group: string;
  readonly version: string;
  readonly plural: string;
  readonly kind: string;
  readonly scope: "Namespaced" | "Cluster";
}

export type Verb = "create" | "get" | "list" | "watch" | "update" | "patch" | "delete" | "deletecollection";
export const allVerbs: readonly Verb[] = [
  "create",
  "delete",
  "deletecollection",
  "get",
  "list",
  "patch",
  "update",
  "watch",
];

/** Verbs of a proxy subresource, which takes every HTTP method. */
export const connectVerbs: readonly string[] = ["create", "delete", "get", "patch", "update"];

/** A function of a definition. Written as a method so that a list of definitions of any kinds is a list of definitions. */
export type Rule<Arguments extends readonly unknown[], Result> = { rule(...args: Arguments): Result }["rule"];

/** A column of the Table form. `cell` gives what kubectl prints; undefined prints `<none>`. */
export interface Column<T> {
  readonly name: string;
  /** OpenAPI type of the cell: string unless said. */
  readonly type?: "string" | "integer" | "number" | "boolean" | "date";
  readonly format?: string;
  /** 0 is always shown; 1 only with `-o wide`. */
  readonly priority?: 0 | 1;
  readonly description?: string;
  readonly cell: Rule<[object: T, context: { readonly nowMs: number }], string | number | boolean | undefined>;
}

/** Where the scale subresource finds its numbers. */
export interface ScaleMapping {
  /** Path of the desired count, `spec.replicas`. */
  readonly replicas: string;
  /** Path of the observed count, `status.replicas`. */
  readonly statusReplicas: string;
  /** Path of the label selector object, `spec.selector`. */
  readonly selector: string;
  /** The selector is no object of requirements but the labels themselves (ReplicationController). */
  readonly selectorIs?: "labels";
}

/** Subresources that the generic registry knows; others (log, exec, binding ...) name themselves in `others`. */
export interface Subresources {
  readonly status?: true;
  readonly scale?: ScaleMapping;
  /** Served by an endpoint of the API server found by this name: `{ binding: ["create"], log: ["get"] }`. */
  readonly others?: Readonly<Record<string, readonly string[]>>;
}

/** What is common to typed definitions and the machinery that walks over them. */
export interface ResourceDefinition<T extends KubeObject = KubeObject> extends ResourceRef {
  readonly singular: string;
  readonly shortNames: readonly string[];
  readonly categories: readonly string[];
  readonly verbs: readonly Verb[];
  /** Whole object: apiVersion, kind, metadata and the kind's own fields. */
  readonly schema: Schema<T>;
  readonly subresources: Subresources;
  readonly columns: readonly Column<T>[];
  /** Field selectors beyond metadata.name and metadata.namespace: label to value. */
  readonly selectableFields: Readonly<Record<string, Rule<[object: T], string>>>;
  /** Paths that an update may not change: `field is immutable`. */
  readonly immutable: readonly string[];
  /** How metadata.name is checked. */
  readonly nameRule: NameRule;
  /** Rules over the whole object, after the schema's own. `old` is there on update. */
  readonly validate: Rule<[object: T, old: T | undefined], readonly FieldError[]> | undefined;
  /**
   * Fills or clears fields that the client does not own; called on create and on writes to the object itself, before
   * admission, not on writes to subresources. What the status subresource owns has been dealt with by then: a create
   * comes with an empty status (unless `keepsStatusOnCreate`), an update with the old one.
   */
  readonly prepare: Rule<[object: T, old: T | undefined], T> | undefined;
  /** Fills what of a new object follows from its name or uid; called on create, after admission's changes. */
  readonly complete: Rule<[object: T], T> | undefined;
  /** The status given on create is stored (Node); else a kind with a status subresource starts with an empty one. */
  readonly keepsStatusOnCreate: boolean;
  /** metadata.generation counts changes of everything but metadata and status. False: the kind has none. */
  readonly countsGeneration: boolean;
  /** Update without resourceVersion is allowed (most kinds). */
  readonly allowUnconditionalUpdate: boolean;
  /** PUT of an absent object creates it. */
  readonly allowCreateOnUpdate: boolean;
  /** Objects whose life is bounded: seconds after the last write (Event: one hour). */
  readonly ttlSeconds: number | undefined;
  /** Default grace of a DELETE, in seconds, for kinds that end gracefully (Pod). */
  readonly gracefulDeletion: Rule<[object: T, requestedSeconds: number | undefined], number> | undefined;
  /** Never stored: an endpoint answers. Only `create` unless verbs are named (reviews, bindings; metrics are read). */
  readonly virtual: boolean;
  /**
   * Objects are kept, and nothing in this cluster acts on them yet: no controller, or (`effect`) nothing at all that
   * would make them hold. Whoever writes one is told.
   */
  readonly notBuilt: "controller" | "effect" | undefined;
  /** A warning that every use of the resource is answered with: it is on its way out. */
  readonly deprecated: string | undefined;
  /** Older versions, of the same form, that a body may say it is of: `policy/v1beta1`. */
  readonly alsoReadAs: readonly string[];
  /** Objects are stored as another definition's and only shown and written in this one's form. */
  readonly conversion: Conversion<T> | undefined;
}

/** How the objects of a version that is served and not stored come to be. Both ways are pure and keep the metadata. */
export interface Conversion<T extends KubeObject = KubeObject> {
  readonly stored: ResourceDefinition;
  readonly toStored: Rule<[object: T], KubeObject>;
  readonly fromStored: Rule<[object: KubeObject], T>;
  /** Selectable fields of this version to those of the stored one. */
  readonly fields: Readonly<Record<string, string>>;
}

/** The definition as which objects of this one are stored. */
export const storedOf = (definition: ResourceDefinition): ResourceDefinition =>
  definition.conversion?.stored ?? definition;

/** Which names a kind takes: DNS-1123 subdomain unless said. */
export type NameRule = "dns-subdomain" | "dns-label" | "dns-1035-label" | "path-segment";

/** What a kind's author writes; what is absent is the usual. */
export interface ResourceInput<Spec, Status, F extends Fields> {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  readonly plural: string;
  readonly singular?: string;
  readonly shortNames?: readonly string[];
  readonly categories?: readonly string[];
  readonly scope: "Namespaced" | "Cluster";
  readonly spec?: Schema<Spec>;
  readonly status?: Schema<Status>;
  /** Top-level fields beside spec and status (ConfigMap.data, Role.rules). */
  readonly fields?: F;
  readonly verbs?: readonly Verb[];
  readonly subresources?: Subresources;
  readonly columns?: readonly Column<ObjectType<Spec, Status, F>>[];
  readonly selectableFields?: Readonly<Record<string, (object: ObjectType<Spec, Status, F>) => string>>;
  readonly immutable?: readonly string[];
  readonly nameRule?: NameRule;
  readonly validate?: Rule<
    [object: ObjectType<Spec, Status, F>, old: ObjectType<Spec, Status, F> | undefined],
    readonly FieldError[]
  >;
  readonly prepare?: Rule<
    [object: ObjectType<Spec, Status, F>, old: ObjectType<Spec, Status, F> | undefined],
    ObjectType<Spec, Status, F>
  >;
  readonly complete?: Rule<[object: ObjectType<Spec, Status, F>], ObjectType<Spec, Status, F>>;
  /** Defaults that depend on several parts of the object; returns only what to add. */
  readonly defaults?: (object: ObjectType<Spec, Status, F>) => Readonly<Record<string, unknown>>;
  readonly keepsStatusOnCreate?: boolean;
  readonly countsGeneration?: boolean;
  readonly allowUnconditionalUpdate?: boolean;
  readonly allowCreateOnUpdate?: boolean;
  readonly ttlSeconds?: number;
  readonly gracefulDeletion?: (object: ObjectType<Spec, Status, F>, requestedSeconds: number | undefined) => number;
  readonly virtual?: boolean;
  readonly notBuilt?: "controller" | "effect";
  readonly deprecated?: string;
  readonly alsoReadAs?: readonly string[];
}

/** An object of a kind with spec and status. Rules that lie beside the kind take this: naming the kind's own type in its definition would be circular. */
export interface ObjectWith<Spec, Status = unknown> extends KubeObject {
  readonly spec: Spec;
  readonly status?: Status;
}

type Given<S, K extends string> = [S] extends [never] ? unknown : { readonly [P in K]: S };
type MaybeGiven<S, K extends string> = [S] extends [never] ? unknown : { readonly [P in K]?: S };
type ObjectType<Spec, Status, F extends Fields> = KubeObject &
  Given<Spec, "spec"> &
  MaybeGiven<Status, "status"> &
  Shape<F>;

/** Makes a kind from what is special about it. Spec is always there after decoding ({} and its defaults where absent). */
export function defineResource<Spec = never, Status = never, F extends Fields = Record<never, never>>(
  input: ResourceInput<Spec, Status, F>,
): ResourceDefinition<ObjectType<Spec, Status, F>> {
  type T = ObjectType<Spec, Status, F>;
  const fields: Record<string, Schema<unknown>> = {
    apiVersion: optional(string()),
    kind: optional(string()),
    metadata: ref<ObjectMeta>(() => objectMeta, { default: {} }),
  };
  const { spec, status } = input;
  if (spec) fields.spec = ref<Spec>(() => spec, { default: {} });
  Object.assign(fields, input.fields);
  if (status) fields.status = optional(ref<Status>(() => status));
  return {
    group: input.group,
    version: input.version,
    kind: input.kind,
    plural: input.plural,
    scope: input.scope,
    singular: input.singular ?? input.kind.toLowerCase(),
    shortNames: input.shortNames ?? [],
    categories: input.categories ?? [],
    verbs: input.verbs ?? (input.virtual ? ["create"] : allVerbs),
    schema: object(
      input.kind,
      fields,
      input.defaults ? { defaults: input.defaults } : {},
    ) as Schema<unknown> as Schema<T>,
    subresources: input.subresources ?? {},
    columns: input.columns ?? nameAndAge,
    selectableFields: input.selectableFields ?? {},
    immutable: input.immutable ?? [],
    nameRule: input.nameRule ?? "dns-subdomain",
    validate: input.validate,
    prepare: input.prepare,
    complete: input.complete,
    keepsStatusOnCreate: input.keepsStatusOnCreate ?? false,
    countsGeneration: input.countsGeneration ?? input.spec !== undefined,
    allowUnconditionalUpdate: input.allowUnconditionalUpdate ?? true,
    allowCreateOnUpdate: input.allowCreateOnUpdate ?? false,
    ttlSeconds: input.ttlSeconds,
    gracefulDeletion: input.gracefulDeletion,
    virtual: input.virtual ?? false,
    notBuilt: input.notBuilt,
    deprecated: input.deprecated,
    alsoReadAs: input.alsoReadAs ?? [],
    conversion: undefined,
  };
}

type Converted<T extends KubeObject> = Omit<T, "apiVersion" | "kind">;

/** What another version of a stored resource says for itself; all else is as the stored one has it. */
export interface VersionInput<Stored extends KubeObject, Spec, Status, F extends Fields>
  extends Pick<
    ResourceInput<Spec, Status, F>,
    "version" | "kind" | "spec" | "status" | "fields" | "columns" | "selectableFields" | "validate"
  > {
  readonly group?: string;
  readonly toStored: Rule<[object: ObjectType<Spec, Status, F>], Converted<Stored>>;
  readonly fromStored: Rule<[object: Stored], Converted<ObjectType<Spec, Status, F>>>;
  readonly storedFields?: Readonly<Record<string, string>>;
}

/** Makes a version of a resource that is stored in another one, from two functions that turn the one into the other. */
export function defineVersion<
  Stored extends KubeObject,
  Spec = never,
  Status = never,
  F extends Fields = Record<never, never>,
>(
  stored: ResourceDefinition<Stored>,
  input: VersionInput<Stored, Spec, Status, F>,
): ResourceDefinition<ObjectType<Spec, Status, F>> {
  type T = ObjectType<Spec, Status, F>;
  const { kind, plural, singular, shortNames, categories, scope, verbs, subresources, nameRule, notBuilt } = stored;
  const { allowUnconditionalUpdate, allowCreateOnUpdate, keepsStatusOnCreate, countsGeneration } = stored;
  const names = { kind, plural, singular, shortNames, categories, scope, verbs, subresources, nameRule };
  const ways = { allowUnconditionalUpdate, allowCreateOnUpdate, keepsStatusOnCreate, countsGeneration };
  const given = { ...names, ...ways, group: stored.group, ...(notBuilt ? { notBuilt } : {}), ...input };
  const definition = defineResource<Spec, Status, F>(given);
  const typed = <O extends KubeObject>(of: Pick<ResourceRef, "group" | "version">, object: Converted<O>): O =>
    ({ kind, apiVersion: apiVersionOf(of), ...object }) as KubeObject as O;
  return {
    ...definition,
    conversion: {
      stored,
      toStored: (object: T) => typed<Stored>(stored, input.toStored(object)),
      fromStored: (object: KubeObject) => typed<T>(definition, input.fromStored(object as Stored)),
      fields: input.storedFields ?? {},
    },
  };
}

/** The type of a definition's objects: `interface Pod extends ObjectOf<typeof pods> {}`. */
export type ObjectOf<D> = D extends ResourceDefinition<infer T> ? T : never;

/** An object as a writer hands it over: name or generateName, and whatever differs from the defaults. */
export type DraftOf<T extends KubeObject> = Draft<Omit<T, "metadata">> & { readonly metadata: Draft<StoredMeta> };

/** `v1`, `apps/v1`. */
export const apiVersionOf = (resource: Pick<ResourceRef, "group" | "version">): string =>
  resource.group === "" ? resource.version : `${resource.group}/${resource.version}`;

/** `pods`, `deployments.apps`: how errors and RBAC name a resource. */
export const groupResourceOf = (resource: Pick<ResourceRef, "group" | "plural">): string =>
  resource.group === "" ? resource.plural : `${resource.plural}.${resource.group}`;

export const nameColumn: Column<KubeObject> = { name: "Name", format: "name", cell: ({ metadata }) => metadata.name };
/** How long ago the object was made: `5m3s`. */
export const ageColumn: Column<KubeObject> = {
  name: "Age",
  cell: ({ metadata }, { nowMs }) => ageOf(metadata.creationTimestamp, nowMs),
};
const nameAndAge: readonly Column<KubeObject>[] = [nameColumn, ageColumn];
