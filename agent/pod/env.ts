import type { Container } from "../../api/core/pod/container.js";
import type { EnvVarSource, ObjectFieldSelector, ResourceFieldSelector } from "../../api/core/pod/env.js";
import type { Pod } from "../../api/core/pod/pod.js";
import { bytesOf, cpuMilli } from "../../apimachinery/quantity.js";
import type { EnvVar } from "../runtime/runtime.js";
import { containersOf } from "./containers.js";

/** Values that a pod's environment and files are made of. */
export interface EnvSources {
  readonly pod: Pod;
  readonly podIPs: readonly string[];
  readonly hostIPs: readonly string[];
  readonly nodeName: string;
  /** The node's allocatable amounts: what a container without limits may have. */
  readonly allocatable: Readonly<Record<string, string>>;
  readonly configMaps: ReadonlyMap<string, Readonly<Record<string, string>>>;
  /** Values as text. */
  readonly secrets: ReadonlyMap<string, Readonly<Record<string, string>>>;
  /** Of services, and where the API server is. */
  readonly serviceEnv: readonly EnvVar[];
}

/** The container cannot be configured: a waiting state with this reason and message. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
}

/** The container's environment, in the order in which Kubernetes lets later entries win. */
export function containerEnv(container: Container, sources: EnvSources): readonly EnvVar[] {
  const env = new Map<string, string>(sources.serviceEnv.map(({ name, value }) => [name, value]));
  for (const from of container.envFrom ?? []) {
    const reference = from.configMapRef ?? from.secretRef;
    if (!reference) continue;
    const kind = from.configMapRef ? "configmap" : "secret";
    const data = (from.configMapRef ? sources.configMaps : sources.secrets).get(reference.name ?? "");
    if (!data && !reference.optional)
      throw new ConfigError(`${kind} ${JSON.stringify(reference.name ?? "")} not found`);
    for (const [key, value] of Object.entries(data ?? {}))
      if (isEnvName(key)) env.set(`${from.prefix ?? ""}${key}`, value);
  }
  for (const { name, value, valueFrom } of container.env ?? []) {
    const found = valueFrom ? resolve(valueFrom, container, sources) : expand(value ?? "", env);
    if (found !== undefined) env.set(name, found);
  }
  return [...env].map(([name, value]) => ({ name, value }));
}

/** `$(NAME)` becomes the value where there is one; `$$(NAME)` stays `$(NAME)`. */
export function expand(text: string, env: ReadonlyMap<string, string>): string {
  return text.replace(/\$\$|\$\(([^()]*)\)/g, (whole, name: string | undefined) =>
    name === undefined ? "$" : (env.get(name) ?? whole),
  );
}

/** ConfigMaps and Secrets that a container's environment needs, by name. */
export function envReferences({ env = [], envFrom = [] }: Container): {
  readonly configMaps: readonly string[];
  readonly secrets: readonly string[];
} {
  const named = (names: readonly (string | undefined)[]): string[] => [
    ...new Set(names.flatMap((name) => (name === undefined ? [] : [name]))),
  ];
  return {
    configMaps: named([
      ...envFrom.map(({ configMapRef }) => configMapRef?.name),
      ...env.map(({ valueFrom }) => valueFrom?.configMapKeyRef?.name),
    ]),
    secrets: named([
      ...envFrom.map(({ secretRef }) => secretRef?.name),
      ...env.map(({ valueFrom }) => valueFrom?.secretKeyRef?.name),
    ]),
  };
}

const isEnvName = (name: string): boolean => name !== "" && !/[=\0]/.test(name);

function resolve(source: EnvVarSource, container: Container, sources: EnvSources): string | undefined {
  const { fieldRef, resourceFieldRef, configMapKeyRef, secretKeyRef } = source;
  if (fieldRef) return fieldValue(fieldRef, sources);
  if (resourceFieldRef) return resourceValue(resourceFieldRef, container, sources);
  if (source.fileKeyRef)
    throw new ConfigError(
      "env.valueFrom.fileKeyRef is not supported on this node: put the value into a ConfigMap or Secret",
    );
  const reference = configMapKeyRef ?? secretKeyRef;
  if (!reference) return undefined;
  const name = reference.name ?? "";
  const data = (configMapKeyRef ? sources.configMaps : sources.secrets).get(name);
  const value = data && Object.hasOwn(data, reference.key) ? data[reference.key] : undefined;
  if (value !== undefined || reference.optional) return value;
  if (!data) throw new ConfigError(`${configMapKeyRef ? "configmap" : "secret"} ${JSON.stringify(name)} not found`);
  throw new ConfigError(
    `couldn't find key ${reference.key} in ${configMapKeyRef ? "ConfigMap" : "Secret"} ${sources.pod.metadata.namespace}/${name}`,
  );
}

/** https://kubernetes.io/docs/concepts/workloads/pods/downward-api/ */
export function fieldValue(
  { fieldPath }: ObjectFieldSelector,
  { pod, podIPs, hostIPs, nodeName }: Pick<EnvSources, "pod" | "podIPs" | "hostIPs" | "nodeName">,
): string {
  const { metadata, spec } = pod;
  const subscript = /^metadata\.(labels|annotations)\['(.+)'\]$/.exec(fieldPath);
  if (subscript)
    return (subscript[1] === "labels" ? metadata.labels : metadata.annotations)?.[subscript[2] ?? ""] ?? "";
  const values: Readonly<Record<string, () => string>> = {
    "metadata.name": () => metadata.name,
    "metadata.namespace": () => metadata.namespace ?? "",
    "metadata.uid": () => metadata.uid,
    "metadata.labels": () => mapText(metadata.labels),
    "metadata.annotations": () => mapText(metadata.annotations),
    "spec.nodeName": () => nodeName,
    "spec.serviceAccountName": () => spec.serviceAccountName ?? "default",
    "status.hostIP": () => hostIPs[0] ?? "",
    "status.hostIPs": () => hostIPs.join(","),
    "status.podIP": () => podIPs[0] ?? "",
    "status.podIPs": () => podIPs.join(","),
  };
  const value = Object.hasOwn(values, fieldPath) ? values[fieldPath] : undefined;
  if (!value) throw new ConfigError(`fieldPath ${JSON.stringify(fieldPath)} is not supported`);
  return value();
}

const mapText = (map: Readonly<Record<string, string>> | undefined): string =>
  Object.keys(map ?? {})
    .toSorted()
    .map((key) => `${key}=${JSON.stringify(map?.[key])}`)
    .join("\n");

/** The amount in units of the divisor, rounded up; a limit that is not set is all that the node has to give. */
export function resourceValue(
  { resource, containerName, divisor }: ResourceFieldSelector,
  own: Container | undefined,
  { pod, allocatable }: Pick<EnvSources, "pod" | "allocatable">,
): string {
  const container = containerName
    ? containersOf(pod).find((candidate) => candidate.container.name === containerName)?.container
    : own;
  if (!container) throw new ConfigError(`container ${JSON.stringify(containerName ?? "")} not found`);
  const [side, ...rest] = resource.split(".");
  const name = rest.join(".");
  if (side !== "limits" && side !== "requests")
    throw new ConfigError(`resource ${JSON.stringify(resource)} is not supported`);
  const { limits, requests } = container.resources;
  const amount = side === "limits" ? (limits?.[name] ?? allocatable[name]) : (requests?.[name] ?? limits?.[name]);
  if (amount === undefined) return "0";
  if (name === "cpu") return String(Math.ceil(cpuMilli(amount) / (divisor === "0" ? 1000 : cpuMilli(divisor))));
  return String(Math.ceil(bytesOf(amount) / (divisor === "0" ? 1 : bytesOf(divisor))));
}
