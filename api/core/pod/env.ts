import {
  addRules,
  boolean,
  type Infer,
  object,
  optional,
  quantity,
  ref,
  string,
} from "../../../apimachinery/schema/schema.js";
import { envFromRules, envVarRules } from "./env-rules.js";

/** An environment variable, given outright or taken from elsewhere. */
export const envVar = object("EnvVar", {
  /** Name of the variable. */
  name: string({ nonEmpty: true }),
  /** Its value; `$(NAME)` stands for that of another. */
  value: optional(string()),
  /** Used in place of `value`, for what is known only in the cluster. */
  valueFrom: optional(ref<EnvVarSource>(() => envVarSource)),
});
export interface EnvVar extends Infer<typeof envVar> {}
addRules(envVar, { validate: envVarRules });

/** Where the value of an environment variable comes from: one of these. */
export const envVarSource = object("EnvVarSource", {
  /** Pod's name, namespace, uid, node, addresses, service account, or one label or annotation. */
  fieldRef: optional(ref<ObjectFieldSelector>(() => objectFieldSelector)),
  /** Amount as a whole number, in units of its `divisor`. */
  resourceFieldRef: optional(ref<ResourceFieldSelector>(() => resourceFieldSelector)),
  /** Read when the container starts; later changes of the ConfigMap do not show. */
  configMapKeyRef: optional(ref<ConfigMapKeySelector>(() => configMapKeySelector)),
  /** Read when the container starts; later changes of the Secret do not show. */
  secretKeyRef: optional(ref<SecretKeySelector>(() => secretKeySelector)),
  /** Value of a variable in a file that an init container wrote. */
  fileKeyRef: optional(ref<FileKeySelector>(() => fileKeySelector)),
});
export interface EnvVarSource extends Infer<typeof envVarSource> {}

/** A key of a ConfigMap. */
export const configMapKeySelector = object(
  "ConfigMapKeySelector",
  {
    /** Key whose value is taken. */
    key: string({ nonEmpty: true }),
    /** ConfigMap of the pod's namespace. */
    name: optional(string()),
    /** True lets the container start without the variable when the object or key is missing. */
    optional: optional(boolean()),
  },
  { mapType: "atomic" },
);
export interface ConfigMapKeySelector extends Infer<typeof configMapKeySelector> {}

/** A key of a Secret. */
export const secretKeySelector = object(
  "SecretKeySelector",
  {
    /** Key whose value is taken. */
    key: string({ nonEmpty: true }),
    /** Secret that holds the value, in the namespace of the referrer. */
    name: optional(string()),
    /** True lets the container start without the variable when the object or key is missing. */
    optional: optional(boolean()),
  },
  { mapType: "atomic" },
);
export interface SecretKeySelector extends Infer<typeof secretKeySelector> {}

/** A field of the pod itself. */
export const objectFieldSelector = object(
  "ObjectFieldSelector",
  {
    /** Path of the field, such as `metadata.name` or `metadata.labels['app']`. */
    fieldPath: string({ nonEmpty: true }),
    /** API version in which the path is read; `v1` where nothing is said. */
    apiVersion: string({ default: "v1" }),
  },
  { mapType: "atomic" },
);
export interface ObjectFieldSelector extends Infer<typeof objectFieldSelector> {}

/** A request or limit of a container. */
export const resourceFieldSelector = object(
  "ResourceFieldSelector",
  {
    /** What is asked for, such as `limits.cpu` or `requests.memory`. */
    resource: string({ nonEmpty: true }),
    /** Container meant; required in volumes, the container's own in variables. */
    containerName: optional(string()),
    /** Unit of the result, rounded up: `1m` for thousandths of a CPU, `1Mi` for mebibytes. 1 where nothing is said. */
    divisor: quantity({ default: "0" }),
  },
  { mapType: "atomic" },
);
export interface ResourceFieldSelector extends Infer<typeof resourceFieldSelector> {}

/** A variable in a file of one of the pod's volumes. */
export const fileKeySelector = object(
  "FileKeySelector",
  {
    /** Name of the variable within the file. */
    key: string({ nonEmpty: true }),
    /** File in the volume with lines `NAME=value`; relative, without `..`. */
    path: string({ nonEmpty: true }),
    /** Volume of the pod that holds the file, an emptyDir. */
    volumeName: string({ nonEmpty: true }),
    /** True lets the container start without the variable when file or key is missing; false where nothing is said. */
    optional: boolean({ default: false }),
  },
  { mapType: "atomic" },
);
export interface FileKeySelector extends Infer<typeof fileKeySelector> {}

/** Every key of a ConfigMap or Secret as an environment variable. */
export const envFromSource = object("EnvFromSource", {
  /** Takes every key with its value; keys that make no valid name are left out. */
  configMapRef: optional(ref<ConfigMapEnvSource>(() => configMapEnvSource)),
  /** Stands before each name. */
  prefix: optional(string()),
  /** Takes every key with its value; keys that make no valid name are left out. */
  secretRef: optional(ref<SecretEnvSource>(() => secretEnvSource)),
});
export interface EnvFromSource extends Infer<typeof envFromSource> {}
addRules(envFromSource, { validate: envFromRules });

/** The ConfigMap whose keys become environment variables. */
export const configMapEnvSource = object("ConfigMapEnvSource", {
  /** ConfigMap of the pod's namespace. */
  name: optional(string()),
  /** True lets the container start though the object is missing. */
  optional: optional(boolean()),
});
export interface ConfigMapEnvSource extends Infer<typeof configMapEnvSource> {}

/** The Secret whose keys become environment variables. */
export const secretEnvSource = object("SecretEnvSource", {
  /** Secret of the pod's namespace. */
  name: optional(string()),
  /** True lets the container start though the object is missing. */
  optional: optional(boolean()),
});
export interface SecretEnvSource extends Infer<typeof secretEnvSource> {}
