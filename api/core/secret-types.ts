import type { KubeObject } from "../../apimachinery/meta.js";
import { invalid, required } from "../../apimachinery/schema/field-error.js";
import type { FieldError } from "../../apimachinery/schema/schema.js";

/** What a Secret of a well-known type must hold. https://kubernetes.io/docs/concepts/configuration/secret/#secret-types */

interface SecretLike extends KubeObject {
  readonly type: string;
  readonly data?: Readonly<Record<string, string>>;
}

export const serviceAccountNameAnnotation = "kubernetes.io/service-account.name";

const requiredKeys: Readonly<Record<string, readonly string[]>> = {
  "kubernetes.io/dockercfg": [".dockercfg"],
  "kubernetes.io/dockerconfigjson": [".dockerconfigjson"],
  "kubernetes.io/ssh-auth": ["ssh-privatekey"],
  "kubernetes.io/tls": ["tls.crt", "tls.key"],
};

export function secretTypeErrors({ type, data = {}, metadata }: SecretLike): FieldError[] {
  if (type === "kubernetes.io/service-account-token") {
    const named = (metadata.annotations?.[serviceAccountNameAnnotation] ?? "") !== "";
    return named ? [] : [required(`metadata.annotations[${serviceAccountNameAnnotation}]`)];
  }
  if (type === "kubernetes.io/basic-auth") {
    const given = Object.hasOwn(data, "username") || Object.hasOwn(data, "password");
    return given ? [] : [required("data[username]"), required("data[password]")];
  }
  const keys = Object.hasOwn(requiredKeys, type) ? (requiredKeys[type] ?? []) : [];
  const errors = keys.flatMap((key) => (Object.hasOwn(data, key) ? [] : [required(`data[${key}]`)]));
  const json = keys.find((key) => key.startsWith(".docker"));
  const text = json === undefined ? undefined : data[json];
  if (text !== undefined && !isJson(Buffer.from(text, "base64").toString()))
    errors.push(invalid(`data[${json}]`, "<secret contents redacted>", "invalid character in JSON"));
  return errors;
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
