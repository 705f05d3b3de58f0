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
  /** Where its value comes from. */
  valueFrom: optional(ref<EnvVarSource>(() => envVarSource)),
});
export interface EnvVar extends Infer<typeof envVar> {}
addRules(envVar, { validate: envVarRules });

/** Where the value of an environment variable comes from: one of these. */
export const envVarSource = object("EnvVarSource", {
  /** A field of the pod. */
  fieldRef: optional(ref<ObjectFieldSelector>(() => objectFieldSelector)),
  /** A request or limit of a container. */
  resourceFieldRef: optional(ref<ResourceFieldSelector>(() => resourceFieldSelector)),
  /** A key of a ConfigMap. */
  configMapKeyRef: optional(ref<ConfigMapKeySelector>(() => configMapKeySelector)),
  /** A key of a Secret. */
  secretKeyRef: optional(ref<SecretKeySelector>(() => secretKeySelector)),
  fileKeyRef: optional(ref<FileKeySelector>(() => fileKeySelector)),
});
export interface EnvVarSource extends Infer<typeof envVarSource> {}

/** A key of a ConfigMap. */
export const configMapKeySelector = object(
  "ConfigMapKeySelector",
  {
    key: string({ nonEmpty: true }),
    name: optional(string()),
    optional: optional(boolean()),
  },
  { mapType: "atomic" },
);
export interface ConfigMapKeySelector extends Infer<typeof configMapKeySelector> {}

/** A key of a Secret. */
export const secretKeySelector = object(
  "SecretKeySelector",
  {
    key: string({ nonEmpty: true }),
    name: optional(string()),
    optional: optional(boolean()),
  },
  { mapType: "atomic" },
);
export interface SecretKeySelector extends Infer<typeof secretKeySelector> {}

/** A field of the pod itself. */
export const objectFieldSelector = object(
  "ObjectFieldSelector",
  {
    fieldPath: string({ nonEmpty: true }),
    apiVersion: string({ default: "v1" }),
  },
  { mapType: "atomic" },
);
export interface ObjectFieldSelector extends Infer<typeof objectFieldSelector> {}

/** A request or limit of a container. */
export const resourceFieldSelector = object(
  "ResourceFieldSelector",
  {
    resource: string({ nonEmpty: true }),
    containerName: optional(string()),
    divisor: quantity({ default: "0" }),
  },
  { mapType: "atomic" },
);
export interface ResourceFieldSelector extends Infer<typeof resourceFieldSelector> {}

/** A variable in a file of one of the pod's volumes. */
export const fileKeySelector = object(
  "FileKeySelector",
  {
    key: string({ nonEmpty: true }),
    path: string({ nonEmpty: true }),
    volumeName: string({ nonEmpty: true }),
    optional: boolean({ default: false }),
  },
  { mapType: "atomic" },
);
export interface FileKeySelector extends Infer<typeof fileKeySelector> {}

/** Every key of a ConfigMap or Secret as an environment variable. */
export const envFromSource = object("EnvFromSource", {
  /** Keys of a ConfigMap. */
  configMapRef: optional(ref<ConfigMapEnvSource>(() => configMapEnvSource)),
  /** Stands before each name. */
  prefix: optional(string()),
  /** Keys of a Secret. */
  secretRef: optional(ref<SecretEnvSource>(() => secretEnvSource)),
});
export interface EnvFromSource extends Infer<typeof envFromSource> {}
addRules(envFromSource, { validate: envFromRules });

/** The ConfigMap whose keys become environment variables. */
export const configMapEnvSource = object("ConfigMapEnvSource", {
  name: optional(string()),
  optional: optional(boolean()),
});
export interface ConfigMapEnvSource extends Infer<typeof configMapEnvSource> {}

/** The Secret whose keys become environment variables. */
export const secretEnvSource = object("SecretEnvSource", {
  name: optional(string()),
  optional: optional(boolean()),
});
export interface SecretEnvSource extends Infer<typeof secretEnvSource> {}
