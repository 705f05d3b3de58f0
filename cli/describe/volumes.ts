import { goText } from "../../base/go-text.js";
import type { Layout } from "./layout.js";

export type Volume = { readonly name: string } & Readonly<Record<string, unknown>>;

/** Volume sources that are shown in words of their own; any other by its fields. */
const sources: Readonly<
  Record<string, readonly [type: string, fields: readonly [title: string, field: string, absent: string][]]>
> = {
  emptyDir: [
    "EmptyDir (a temporary directory that shares a pod's lifetime)",
    [
      ["Medium", "medium", ""],
      ["SizeLimit", "sizeLimit", "<unset>"],
    ],
  ],
  configMap: [
    "ConfigMap (a volume populated by a ConfigMap)",
    [
      ["Name", "name", ""],
      ["Optional", "optional", "false"],
    ],
  ],
  secret: [
    "Secret (a volume populated by a Secret)",
    [
      ["SecretName", "secretName", ""],
      ["Optional", "optional", "false"],
    ],
  ],
  hostPath: [
    "HostPath (bare host directory volume)",
    [
      ["Path", "path", ""],
      ["HostPathType", "type", ""],
    ],
  ],
  persistentVolumeClaim: [
    "PersistentVolumeClaim (a reference to a PersistentVolumeClaim in the same namespace)",
    [
      ["ClaimName", "claimName", ""],
      ["ReadOnly", "readOnly", "false"],
    ],
  ],
};

export function describeVolumes(layout: Layout, level: number, volumes: readonly Volume[]): void {
  if (volumes.length === 0) layout.field(level, "Volumes", undefined);
  else layout.line(level, "Volumes:");
  for (const { name, ...source } of volumes) {
    layout.line(level + 1, `${name}:`);
    const [type = "", content] = Object.entries(source)[0] ?? [];
    if (type === "projected") describeProjected(layout, level + 2, content as Projected);
    else describeSource(layout, level + 2, type, (content ?? {}) as Readonly<Record<string, unknown>>);
  }
}

function describeSource(layout: Layout, level: number, type: string, content: Readonly<Record<string, unknown>>): void {
  const known = Object.hasOwn(sources, type) ? sources[type] : undefined;
  layout.line(level, `Type:\t${known?.[0] ?? type}`);
  const fields =
    known?.[1] ??
    Object.keys(content)
      .sort()
      .map((field) => [field, field, ""] as const);
  for (const [title, field, absent] of fields) {
    const value = content[field];
    layout.line(level, `${title}:\t${value === undefined || value === null ? absent : goText(value)}`);
  }
}

interface Projected {
  readonly sources?: readonly {
    readonly serviceAccountToken?: { readonly expirationSeconds?: number };
    readonly configMap?: { readonly name?: string; readonly optional?: boolean };
    readonly secret?: { readonly name?: string; readonly optional?: boolean };
    readonly downwardAPI?: unknown;
  }[];
}

function describeProjected(layout: Layout, level: number, { sources: parts = [] }: Projected): void {
  layout.line(level, "Type:\tProjected (a volume that contains injected data from multiple sources)");
  for (const { serviceAccountToken, configMap, secret, downwardAPI } of parts) {
    if (serviceAccountToken)
      layout.line(level, `TokenExpirationSeconds:\t${serviceAccountToken.expirationSeconds ?? 3600}`);
    if (configMap) {
      layout.line(level, `ConfigMapName:\t${configMap.name ?? ""}`);
      layout.line(level, `Optional:\t${configMap.optional ?? false}`);
    }
    if (secret) {
      layout.line(level, `SecretName:\t${secret.name ?? ""}`);
      layout.line(level, `Optional:\t${secret.optional ?? false}`);
    }
    if (downwardAPI) layout.line(level, "DownwardAPI:\ttrue");
  }
}
