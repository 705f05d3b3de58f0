import { dnsLabel, dnsSubdomain, inRange, qualifiedName } from "../../../apimachinery/names.js";
import {
  duplicate,
  duplicates,
  forbidden,
  invalid,
  invalidFor,
  notNegative,
  required,
} from "../../../apimachinery/schema/field-error.js";
import type { FieldError } from "../../../apimachinery/schema/schema.js";
import { under } from "../../../apimachinery/schema/validate.js";
import { validateLabels } from "../../../apimachinery/validate-meta.js";
import type { Container } from "./container.js";
import { type VolumeNames, volumeReferenceErrors } from "./container-rules.js";
import { ephemeralTargetErrors } from "./ephemeral-rules.js";
import { quantityErrors } from "./resource-rules.js";
import type { PodDNSConfig, PodSpec } from "./spec.js";

/** Rules between the parts of a pod; each part's own rules lie with it. */

export function podSpecRules(spec: PodSpec): FieldError[] {
  return [
    ...volumeNameErrors(spec),
    ...containerNameErrors(spec),
    ...containerErrors(spec),
    ...ephemeralTargetErrors(spec),
    ...portErrors(spec),
    ...nameErrors(spec),
    ...placementErrors(spec),
    ...dnsErrors(spec),
    ...durationErrors(spec),
    ...Object.entries(spec.overhead ?? {}).flatMap(([name, amount]) =>
      quantityErrors(`overhead[${name}]`, name, amount),
    ),
  ];
}

// The deprecated serviceAccount and serviceAccountName are one field under two names.
export function serviceAccountNames({
  serviceAccount,
  serviceAccountName,
}: Pick<PodSpec, "serviceAccount" | "serviceAccountName">): Pick<PodSpec, "serviceAccount" | "serviceAccountName"> {
  const name = serviceAccountName ?? serviceAccount;
  if (name === undefined || (serviceAccount === name && serviceAccountName === name)) return {};
  return { serviceAccountName: name, serviceAccount: name };
}

type Listed = readonly [path: string, container: Container];

const listed = (field: string, containers: readonly Container[] = []): Listed[] =>
  containers.map((container, index) => [`${field}[${index}]`, container]);

/** Containers of every sort, with their paths. */
function allContainers({ containers, initContainers, ephemeralContainers }: PodSpec): readonly Listed[] {
  return [
    ...listed("containers", containers),
    ...listed("initContainers", initContainers),
    ...listed("ephemeralContainers", ephemeralContainers),
  ];
}

const volumeNameErrors = ({ volumes = [] }: PodSpec): FieldError[] =>
  duplicates(
    volumes,
    ({ name }) => name,
    (index) => `volumes[${index}].name`,
  );

function containerNameErrors(spec: PodSpec): FieldError[] {
  const all = allContainers(spec);
  return duplicates(
    all,
    ([, { name }]) => name,
    (index) => `${all[index]?.[0]}.name`,
  );
}

/**
 * What containers mount that the pod does not have. Not among the rules of every pod spec: pods of a stateful set also
 * have the claims (`claimNames`) that are made for them.
 */
export function mountErrors(spec: PodSpec, claimNames: readonly string[] = []): FieldError[] {
  const { volumes = [] } = spec;
  const claimed = volumes.flatMap(({ name, persistentVolumeClaim, ephemeral }) =>
    persistentVolumeClaim || ephemeral ? [name] : [],
  );
  const names: VolumeNames = {
    all: new Set([...volumes.map(({ name }) => name), ...claimNames]),
    blocks: new Set([...claimed, ...claimNames]),
  };
  return allContainers(spec).flatMap(([path, container]) => under(path, volumeReferenceErrors(container, names)));
}

function containerErrors(spec: PodSpec): FieldError[] {
  const errors: FieldError[] = [];
  for (const [path, container] of listed("initContainers", spec.initContainers))
    errors.push(...under(path, initContainerErrors(container)));
  for (const [path, { lifecycle }] of allContainers(spec)) {
    for (const name of ["postStart", "preStop"] as const) {
      const seconds = lifecycle?.[name]?.sleep?.seconds;
      if (seconds === undefined || seconds <= spec.terminationGracePeriodSeconds) continue;
      const message = `must be non-negative and less than terminationGracePeriodSeconds (${spec.terminationGracePeriodSeconds})`;
      errors.push(invalid(`${path}.lifecycle.${name}`, seconds, message));
    }
  }
  return errors;
}

/** An init container ends before the next starts, so what watches over running containers has no place in it. */
function initContainerErrors(container: Container): FieldError[] {
  if (container.restartPolicy === "Always") return [];
  return (["lifecycle", "livenessProbe", "readinessProbe", "startupProbe"] as const).flatMap((field) =>
    container[field] ? [forbidden(field, "may not be set for init containers without restartPolicy=Always")] : [],
  );
}

function portErrors({ containers, initContainers, hostNetwork = false }: PodSpec): FieldError[] {
  const taken = new Set<string>();
  const errors: FieldError[] = [];
  const sidecars = listed("initContainers", initContainers).filter(
    ([, { restartPolicy }]) => restartPolicy === "Always",
  );
  for (const [path, { ports = [] }] of [...listed("containers", containers), ...sidecars]) {
    for (const [index, { hostPort = 0, containerPort, protocol, hostIP = "" }] of ports.entries()) {
      const at = `${path}.ports[${index}]`;
      // A pod has them filled in when it is made; a template may leave that to its pods.
      if (hostPort === 0) continue;
      if (hostNetwork && hostPort !== containerPort)
        errors.push(invalid(`${at}.hostPort`, hostPort, "must match `containerPort` when `hostNetwork` is true"));
      const key = `${protocol}/${hostIP}/${hostPort}`;
      if (taken.has(key)) errors.push(duplicate(`${at}.hostPort`, key));
      taken.add(key);
    }
  }
  return errors;
}

function nameErrors(spec: PodSpec): FieldError[] {
  const subdomains = ["serviceAccountName", "nodeName", "priorityClassName", "runtimeClassName"] as const;
  const labels = ["hostname", "subdomain"] as const;
  const named = [
    ...subdomains.flatMap((field) => shaped(field, spec[field], dnsSubdomain)),
    ...labels.flatMap((field) => shaped(field, spec[field], dnsLabel)),
  ];
  if (spec.hostnameOverride !== undefined) named.push(...hostnameOverrideErrors(spec, spec.hostnameOverride));
  if (spec.setHostnameAsFQDN && spec.hostnameOverride !== undefined)
    named.push(invalid("setHostnameAsFQDN", true, "hostnameOverride may not be set when setHostnameAsFQDN is true"));
  if (spec.hostPID && spec.shareProcessNamespace)
    named.push(invalid("shareProcessNamespace", true, "ShareProcessNamespace and HostPID cannot both be enabled"));
  return named;
}

const hostnameMaxBytes = 64;

function hostnameOverrideErrors({ hostNetwork }: PodSpec, hostname: string): FieldError[] {
  const errors = invalidFor("hostnameOverride", hostname, dnsSubdomain(hostname));
  if (hostname.length > hostnameMaxBytes)
    errors.push(invalid("hostnameOverride", hostname, `must be no more than ${hostnameMaxBytes} characters`));
  if (hostNetwork) errors.push(forbidden("hostnameOverride", "may not be set when hostNetwork is true"));
  return errors;
}

const shaped = (path: string, name: string | undefined, rule: (name: string) => readonly string[]): FieldError[] =>
  name === undefined ? [] : invalidFor(path, name, rule(name));

function placementErrors(spec: PodSpec): FieldError[] {
  const { schedulingGates = [], topologySpreadConstraints = [], readinessGates = [], hostAliases = [] } = spec;
  const errors = [
    ...validateLabels(spec.nodeSelector, "nodeSelector"),
    ...schedulingGates.flatMap(({ name }, index) => invalidFor(`schedulingGates[${index}]`, name, qualifiedName(name))),
    ...duplicates(
      schedulingGates,
      ({ name }) => name,
      (index) => `schedulingGates[${index}]`,
    ),
    ...duplicates(
      topologySpreadConstraints,
      ({ topologyKey, whenUnsatisfiable }) => `{${topologyKey}, ${whenUnsatisfiable}}`,
      (index) => `topologySpreadConstraints[${index}].{topologyKey, whenUnsatisfiable}`,
    ),
    ...readinessGates.flatMap(({ conditionType }, index) =>
      invalidFor(`readinessGates[${index}].conditionType`, conditionType, qualifiedName(conditionType)),
    ),
    ...hostAliases.flatMap(({ hostnames = [] }, index) =>
      hostnames.flatMap((name, at) => invalidFor(`hostAliases[${index}].hostnames[${at}]`, name, dnsSubdomain(name))),
    ),
  ];
  if (schedulingGates.length > 0 && spec.nodeName !== undefined)
    errors.push(forbidden("nodeName", "cannot be set until all schedulingGates have been cleared"));
  return errors;
}

const maxNameservers = 3;
const maxSearches = 32;
const maxSearchCharacters = 2048;

function dnsErrors({ dnsPolicy, dnsConfig }: PodSpec): FieldError[] {
  if (dnsPolicy === "None") {
    if (!dnsConfig) return [required("dnsConfig", "must provide `dnsConfig` when `dnsPolicy` is None")];
    if ((dnsConfig.nameservers ?? []).length === 0)
      return [required("dnsConfig.nameservers", "must provide at least one DNS nameserver when `dnsPolicy` is None")];
  }
  return dnsConfig ? under("dnsConfig", dnsConfigErrors(dnsConfig)) : [];
}

function dnsConfigErrors({ nameservers = [], searches = [], options = [] }: PodDNSConfig): FieldError[] {
  const errors: FieldError[] = [];
  if (nameservers.length > maxNameservers)
    errors.push(invalid("nameservers", nameservers, `must not have more than ${maxNameservers} nameservers`));
  if (searches.length > maxSearches)
    errors.push(invalid("searches", searches, `must not have more than ${maxSearches} search paths`));
  if (searches.join(" ").length > maxSearchCharacters)
    errors.push(
      invalid(
        "searches",
        searches,
        `must not have more than ${maxSearchCharacters} characters (including spaces) in the search list`,
      ),
    );
  for (const [index, { name = "" }] of options.entries())
    if (name === "") errors.push(required(`options[${index}]`, "must not be empty"));
  return errors;
}

function durationErrors({ activeDeadlineSeconds, terminationGracePeriodSeconds }: PodSpec): FieldError[] {
  return [
    ...(activeDeadlineSeconds === undefined
      ? []
      : invalidFor("activeDeadlineSeconds", activeDeadlineSeconds, inRange(activeDeadlineSeconds, 1, 2 ** 31 - 1))),
    ...notNegative("terminationGracePeriodSeconds", terminationGracePeriodSeconds),
  ];
}
