/**
 * The notation in which kinds are written: combinators that build a schema as a value, from which the TypeScript type,
 * decoding, defaults, validation, list and merge keys and JSON Schema all follow.
 */

/** What a schema is, as data. Interpreters (decode, defaults, validate, JSON Schema) walk this union. */
export type SchemaNode =
  | ({
      readonly type: "string";
      readonly format?: StringFormat;
      readonly enum?: readonly string[];
      /** What values outside the enum are told, instead of the list of those that are supported. */
      readonly refusal?: string;
      readonly maxLength?: number;
    } & Common)
  | ({
      readonly type: "integer";
      readonly format: "int32" | "int64";
      /** Values that a number would not keep come as bigint; else they are refused. */
      readonly exact?: boolean;
      readonly min?: number;
      readonly max?: number;
    } & Common)
  | ({ readonly type: "number"; readonly min?: number; readonly max?: number } & Common)
  | ({ readonly type: "boolean" } & Common)
  | ({ readonly type: "int-or-string" } & Common)
  | ({ readonly type: "any" } & Common)
  | ({ readonly type: "list"; readonly item: Schema<unknown> } & ListTraits & Common)
  | ({ readonly type: "map"; readonly value: Schema<unknown>; readonly mapType?: "atomic" | "granular" } & Common)
  | ({ readonly type: "object" } & ObjectTraits & Common)
  | ({ readonly type: "ref"; readonly target: () => Schema<unknown> } & Common);

/** Formats of strings. `quantity`, `time` (RFC 3339, seconds), `micro-time` and `bytes` (base64) are strings on the wire. */
export type StringFormat = "quantity" | "time" | "micro-time" | "bytes";

export interface Common {
  /** Filled in where the field is absent; an object default is then filled by that object's own defaults. */
  readonly default?: unknown;
  /** An empty string, list or map counts as absent: `Required value`. */
  readonly nonEmpty?: boolean;
  /** Absent is fine: no `Required value` from validation. */
  readonly optional?: boolean;
  /** An empty string is a value of its own; else it reads as absent, as do empty lists and maps. */
  readonly keepEmpty?: boolean;
  /** Zero (for int-or-string also "") reads as absent, as it does where the API's number is not a pointer. */
  readonly omitZero?: boolean;
}

export interface ListTraits {
  /** How server-side apply and OpenAPI see the list. Absent means atomic; `mapKeys` implies map. */
  readonly listType?: "atomic" | "set" | "map";
  readonly mapKeys?: readonly string[];
  /** Key by which a strategic merge patch finds an item; present means the merge strategy. A list of scalars takes "". */
  readonly mergeKey?: string;
}

export interface ObjectTraits {
  /** Name of the definition as in Kubernetes' API (`Probe`, `PodSpec`). */
  readonly name: string;
  /** Field name to schema; a Map because `__proto__` is a name like any other. */
  readonly fields: ReadonlyMap<string, Schema<unknown>>;
  /** Defaults that depend on other fields: gets the object after the fields' own defaults, returns only what to add. */
  readonly defaults?: (value: never) => Readonly<Record<string, unknown>>;
  /** Rules that one field's schema cannot state; paths are relative to this object. */
  readonly validate?: (value: never) => readonly FieldError[];
  /** Fields whose errors come first, in this order; those of others follow as they are found. */
  readonly errorOrder?: readonly string[];
  /** Unknown fields are kept (RawExtension-like). */
  readonly preserveUnknown?: boolean;
  /** Optional fields that hold "", [] or {} (a map) read as absent. So it is for all built-in kinds: they have always been written so. */
  readonly omitsEmpty?: boolean;
  readonly mapType?: "atomic" | "granular";
  /** `retainKeys` strategy of a strategic merge patch (DeploymentStrategy, volumes). */
  readonly retainKeys?: boolean;
}

/** One thing wrong with one field, in the terms of Kubernetes' field errors. */
export interface FieldError {
  /** `spec.containers[0].name`; relative to the object that the rule belongs to, "" for the object itself. */
  readonly path: string;
  readonly reason:
    | "Required"
    | "Invalid"
    | "NotSupported"
    | "Duplicate"
    | "Forbidden"
    | "TooLong"
    | "TooMany"
    | "TypeInvalid"
    | "NotFound"
    | "InternalError";
  /** The offending value; shown as Kubernetes shows it. Absent for Required and Forbidden. */
  readonly value?: unknown;
  /** What is wrong, as Kubernetes words it. */
  readonly message: string;
}

/** A schema whose values have type T. `T` exists for the compiler only. */
export interface Schema<out T> {
  readonly node: SchemaNode;
  readonly valueType?: T;
}
export interface OptionalSchema<out T> extends Schema<T> {
  readonly isOptional: true;
}

/** The TypeScript type of a schema's values. */
export type Infer<S> = S extends Schema<infer T> ? T : never;
export type Fields = Readonly<Record<string, Schema<unknown>>>;
/** The type of an object with these fields: optional() fields may be absent, all others are there after decoding. */
export type Shape<F extends Fields> = {
  readonly [K in keyof F as F[K] extends { readonly isOptional: true } ? never : K]: Infer<F[K]>;
} & {
  readonly [K in keyof F as F[K] extends { readonly isOptional: true } ? K : never]?: Infer<F[K]>;
};
type Flat<T> = { [K in keyof T]: T[K] };

/** What a writer may leave out: every field, at any depth; the server fills in defaults. */
export type Draft<T> = T extends readonly (infer I)[]
  ? readonly Draft<I>[]
  : T extends object
    ? { readonly [K in keyof T]?: Draft<T[K]> }
    : T;

export type IntOrString = number | string;

type StringOptions = {
  readonly default?: string;
  readonly nonEmpty?: boolean;
  readonly keepEmpty?: boolean;
  readonly maxLength?: number;
};
type NumberOptions = {
  readonly default?: number;
  readonly omitZero?: boolean;
  readonly min?: number;
  readonly max?: number;
};
type ListOptions = ListTraits & { readonly nonEmpty?: boolean; readonly default?: readonly unknown[] };
type MapOptions = { readonly nonEmpty?: boolean; readonly mapType?: "atomic" | "granular" };
type ObjectOptions = Omit<ObjectTraits, "name" | "fields">;

export const string = (options: StringOptions = {}): Schema<string> => ({ node: { type: "string", ...options } });
export const oneOf = <const V extends readonly string[]>(
  values: V,
  options: { readonly default?: V[number]; readonly refusal?: string } = {},
): Schema<V[number]> => ({
  node: { type: "string", enum: values, ...options },
});
/** A Kubernetes quantity (`500m`, `1Gi`); a JSON number is accepted and becomes its string. */
export const quantity = (options: { readonly default?: string } = {}): Schema<string> => ({
  node: { type: "string", format: "quantity", ...options },
});
/** RFC 3339 with whole seconds. */
export const time = (): Schema<string> => ({ node: { type: "string", format: "time" } });
/** RFC 3339 with microseconds. */
export const microTime = (): Schema<string> => ({ node: { type: "string", format: "micro-time" } });
/** Base64 text. */
export const bytes = (): Schema<string> => ({ node: { type: "string", format: "bytes" } });
export const int32 = (options: NumberOptions = {}): Schema<number> => ({
  node: { type: "integer", format: "int32", ...options },
});
/** For what is computed with (durations, ids, counts): values beyond 2^53 are refused. */
export const int64 = (options: NumberOptions = {}): Schema<number> => ({
  node: { type: "integer", format: "int64", ...options },
});
/** For what is only kept and compared: every value of 64 bits, a bigint where a number would not keep it. */
export const exactInt64 = (options: NumberOptions = {}): Schema<number | bigint> => ({
  node: { type: "integer", format: "int64", exact: true, ...options },
});
export const double = (options: NumberOptions = {}): Schema<number> => ({ node: { type: "number", ...options } });
export const boolean = (options: { readonly default?: boolean } = {}): Schema<boolean> => ({
  node: { type: "boolean", ...options },
});
export const intOrString = (
  options: { readonly default?: IntOrString; readonly omitZero?: boolean } = {},
): Schema<IntOrString> => ({
  node: { type: "int-or-string", ...options },
});
/** Any JSON value, kept as it is. */
export const any = (): Schema<unknown> => ({ node: { type: "any" } });
export const list = <T>(item: Schema<T>, options: ListOptions = {}): Schema<readonly T[]> => ({
  node: { type: "list", item, ...options },
});
export const map = <T>(value: Schema<T>, options: MapOptions = {}): Schema<Readonly<Record<string, T>>> => ({
  node: { type: "map", value, ...options },
});

/** A named definition; its fields in the order in which they are written out. */
export const object = <F extends Fields>(
  name: string,
  fields: F,
  options: ObjectOptions = {},
): Schema<Flat<Shape<F>>> => ({
  node: { type: "object", name, fields: new Map(Object.entries(fields)), omitsEmpty: true, ...options },
});

/**
 * Gives a definition the rules that one field's schema cannot state. A statement of its own, right after the definition
 * and its interface: within `object(...)` the rules' parameter type would refer to itself.
 */
export function addRules<T>(
  { node }: Schema<T>,
  rules: {
    /** Gets the object after the fields' own defaults, returns only what to add. */
    readonly defaults?: (value: T) => { readonly [K in keyof T]?: Draft<T[K]> };
    /** Paths are relative to this object. What is required and missing, at any depth, it finds as zero values. */
    readonly validate?: (value: T) => readonly FieldError[];
    readonly errorOrder?: readonly (keyof T & string)[];
  },
): void {
  Object.assign(node, rules);
}

/** A definition by reference; name its interface (`ref<Probe>(() => probe)`) so that errors and hovers say `Probe`. */
export const ref = <T>(target: () => Schema<unknown>, options: { readonly default?: unknown } = {}): Schema<T> => ({
  node: { type: "ref", target, ...options },
});

/** The field may be absent. */
export const optional = <T>(schema: Schema<T>): OptionalSchema<T> => ({
  node: { ...schema.node, optional: true },
  isOptional: true,
});
