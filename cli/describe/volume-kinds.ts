import { pods } from "../../api/core/pod/pod.js";
import { ageOf } from "../../apimachinery/duration.js";
import type { AnyObject } from "../api.js";
import { conditionsOf } from "../workload.js";
import type { Describer } from "./describer.js";
import { type Layout, timeText } from "./layout.js";

const modes: Readonly<Record<string, string>> = {
  ReadWriteOnce: "RWO",
  ReadOnlyMany: "ROX",
  ReadWriteMany: "RWX",
  ReadWriteOncePod: "RWOP",
};
const modesText = (written: readonly string[] = []): string => written.map((mode) => modes[mode] ?? mode).join(",");

interface Claim {
  readonly storageClassName?: string;
  readonly volumeName?: string;
  readonly volumeMode?: string;
  readonly accessModes?: readonly string[];
}
interface ClaimStatus {
  readonly phase?: string;
  readonly capacity?: Readonly<Record<string, string>>;
  readonly accessModes?: readonly string[];
}

const finalizersText = ({ metadata }: AnyObject): string => `[${(metadata.finalizers ?? []).join(" ")}]`;

function status(layout: Layout, { metadata }: AnyObject, phase: string, nowMs: number): void {
  layout.line(
    0,
    metadata.deletionTimestamp === undefined
      ? `Status:\t${phase}`
      : `Status:\tTerminating (lasts ${ageOf(metadata.deletionTimestamp, nowMs)})`,
  );
}

export const describeClaim: Describer = async (layout, claim, { api, nowMs }) => {
  const spec = (claim.spec ?? {}) as Claim;
  const { phase = "", capacity, accessModes } = (claim.status ?? {}) as ClaimStatus;
  const { metadata } = claim;
  layout.line(0, `Name:\t${metadata.name}`);
  layout.line(0, `Namespace:\t${metadata.namespace}`);
  layout.line(0, `StorageClass:\t${spec.storageClassName ?? ""}`);
  status(layout, claim, phase, nowMs);
  layout.line(0, `Volume:\t${spec.volumeName ?? ""}`);
  layout.map(0, "Labels", metadata.labels);
  layout.annotations(0, claim);
  layout.line(0, `Finalizers:\t${finalizersText(claim)}`);
  const bound = spec.volumeName !== undefined && spec.volumeName !== "";
  layout.line(0, `Capacity:\t${bound ? (capacity?.storage ?? "") : ""}`);
  layout.line(0, `Access Modes:\t${bound ? modesText(accessModes) : ""}`);
  if (spec.volumeMode) layout.line(0, `VolumeMode:\t${spec.volumeMode}`);
  const { items } = await api.list(pods, metadata.namespace);
  const users = items.filter((pod) =>
    (
      pod.spec as { readonly volumes?: readonly { readonly persistentVolumeClaim?: { readonly claimName: string } }[] }
    ).volumes?.some(({ persistentVolumeClaim }) => persistentVolumeClaim?.claimName === metadata.name),
  );
  layout.lines(
    0,
    "Used By",
    users.map((pod) => pod.metadata.name ?? ""),
  );
  const conditions = conditionsOf(claim);
  if (conditions.length === 0) return;
  layout.line(0, "Conditions:");
  layout.line(1, "Type\tStatus\tLastProbeTime\tLastTransitionTime\tReason\tMessage");
  layout.line(1, "----\t------\t-----------------\t------------------\t------\t-------");
  for (const one of conditions)
    layout.line(
      1,
      [one.type, one.status, "", timeText(one.lastTransitionTime), one.reason ?? "", one.message ?? ""].join("\t"),
    );
};

interface Volume extends Claim {
  readonly persistentVolumeReclaimPolicy?: string;
  readonly capacity?: Readonly<Record<string, string>>;
  readonly claimRef?: { readonly namespace?: string; readonly name?: string };
  readonly nodeAffinity?: { readonly required?: { readonly nodeSelectorTerms?: readonly Term[] } };
  readonly hostPath?: { readonly path: string; readonly type?: string };
  readonly nfs?: { readonly server: string; readonly path: string; readonly readOnly?: boolean };
  readonly local?: { readonly path: string };
  readonly csi?: {
    readonly driver: string;
    readonly volumeHandle: string;
    readonly fsType?: string;
    readonly readOnly?: boolean;
  };
}
interface Term {
  readonly matchExpressions?: readonly {
    readonly key: string;
    readonly operator: string;
    readonly values?: readonly string[];
  }[];
}

export const describeVolume: Describer = (layout, volume, { nowMs }) => {
  const spec = (volume.spec ?? {}) as Volume;
  const {
    phase = "",
    message,
    reason,
  } = (volume.status ?? {}) as { phase?: string; message?: string; reason?: string };
  layout.line(0, `Name:\t${volume.metadata.name}`);
  layout.map(0, "Labels", volume.metadata.labels);
  layout.annotations(0, volume);
  layout.line(0, `Finalizers:\t${finalizersText(volume)}`);
  layout.line(0, `StorageClass:\t${spec.storageClassName ?? ""}`);
  status(layout, volume, phase, nowMs);
  layout.line(0, `Claim:\t${spec.claimRef ? `${spec.claimRef.namespace}/${spec.claimRef.name}` : ""}`);
  layout.line(0, `Reclaim Policy:\t${spec.persistentVolumeReclaimPolicy ?? ""}`);
  layout.line(0, `Access Modes:\t${modesText(spec.accessModes)}`);
  if (spec.volumeMode) layout.line(0, `VolumeMode:\t${spec.volumeMode}`);
  layout.line(0, `Capacity:\t${spec.capacity?.storage ?? ""}`);
  const terms = spec.nodeAffinity?.required?.nodeSelectorTerms;
  if (!terms) layout.line(0, "Node Affinity:\t<none>");
  else {
    layout.line(0, "Node Affinity:");
    layout.line(1, "Required Terms:");
    terms.forEach(({ matchExpressions = [] }, index) => {
      const texts = matchExpressions.map(
        ({ key, operator, values = [] }) => `${key} ${operator.toLowerCase()} [${values.join(", ")}]`,
      );
      layout.line(2, `Term ${index}:\t${texts[0] ?? "<none>"}`);
      for (const text of texts.slice(1)) layout.line(2, `\t${text}`);
    });
  }
  layout.line(0, `Message:\t${message ?? ""}`);
  if (reason) layout.line(0, `Reason:\t${reason}`);
  layout.line(0, "Source:");
  describeSource(layout, spec);
};

function describeSource(layout: Layout, { hostPath, nfs, local, csi }: Volume): void {
  const lines: readonly (readonly [string, string])[] = hostPath
    ? [
        ["Type", "HostPath (bare host directory volume)"],
        ["Path", hostPath.path],
        ["HostPathType", hostPath.type ?? ""],
      ]
    : nfs
      ? [
          ["Type", "NFS (an NFS mount that lasts the lifetime of a pod)"],
          ["Server", nfs.server],
          ["Path", nfs.path],
          ["ReadOnly", String(nfs.readOnly ?? false)],
        ]
      : local
        ? [
            ["Type", "LocalVolume (a persistent volume backed by local storage on a node)"],
            ["Path", local.path],
          ]
        : csi
          ? [
              ["Type", "CSI (a Container Storage Interface (CSI) volume source)"],
              ["Driver", csi.driver],
              ["FSType", csi.fsType ?? ""],
              ["VolumeHandle", csi.volumeHandle],
              ["ReadOnly", String(csi.readOnly ?? false)],
            ]
          : [["Type", "<unknown>"]];
  for (const [name, value] of lines) layout.line(2, `${name}:\t${value}`);
}

interface Class {
  readonly provisioner?: string;
  readonly parameters?: Readonly<Record<string, string>>;
  readonly allowVolumeExpansion?: boolean;
  readonly mountOptions?: readonly string[];
  readonly reclaimPolicy?: string;
  readonly volumeBindingMode?: string;
}

export const describeStorageClass: Describer = (layout, object) => {
  const {
    provisioner,
    parameters = {},
    allowVolumeExpansion,
    mountOptions = [],
    reclaimPolicy,
    volumeBindingMode,
  } = object as unknown as Class;
  const { annotations = {} } = object.metadata;
  layout.line(0, `Name:\t${object.metadata.name}`);
  layout.line(
    0,
    `IsDefaultClass:\t${annotations["storageclass.kubernetes.io/is-default-class"] === "true" ? "Yes" : "No"}`,
  );
  const pairs = Object.entries(annotations).map(([key, value]) => `${key}=${value}`);
  layout.line(0, `Annotations:\t${pairs.join(",") || "<none>"}`);
  layout.line(0, `Provisioner:\t${provisioner ?? ""}`);
  layout.line(
    0,
    `Parameters:\t${
      Object.entries(parameters)
        .map(([key, value]) => `${key}=${value}`)
        .join(",") || "<none>"
    }`,
  );
  layout.line(
    0,
    `AllowVolumeExpansion:\t${allowVolumeExpansion === undefined ? "<unset>" : allowVolumeExpansion ? "True" : "False"}`,
  );
  if (mountOptions.length === 0) layout.line(0, "MountOptions:\t<none>");
  else {
    layout.line(0, "MountOptions:");
    for (const option of mountOptions) layout.line(1, option);
  }
  if (reclaimPolicy) layout.line(0, `ReclaimPolicy:\t${reclaimPolicy}`);
  if (volumeBindingMode) layout.line(0, `VolumeBindingMode:\t${volumeBindingMode}`);
};
