import type { Pod } from "../../api/core/pod/pod.js";
import type { Volume } from "../../api/core/pod/volume.js";
import type { EnvSources } from "../pod/env.js";

export interface VolumeFile {
  readonly content: Uint8Array;
  readonly mode: number;
  /** It says who somebody is: nobody else may read it. */
  readonly token?: boolean;
  /** Root's where absent. */
  readonly uid?: number;
  readonly gid?: number;
}
export type VolumeFiles = ReadonlyMap<string, VolumeFile>;

/** What a volume is on this node: a directory of its own, files made from objects, or a place of the host. */
export type VolumeContent =
  | { readonly type: "directory" }
  /** A directory that lies in memory. */
  | { readonly type: "memory"; readonly sizeBytes: number }
  | { readonly type: "files"; readonly files: VolumeFiles }
  | { readonly type: "host"; readonly path: string };

export interface VolumeContext {
  readonly pod: Pod;
  readonly sources: Pick<EnvSources, "pod" | "podIPs" | "hostIPs" | "nodeName" | "allocatable">;
  readonly allowHostAccess: boolean;
  /** The agent may mount file systems of memory. */
  readonly canMountMemory: boolean;
  /** Data of an object in the pod's namespace, as bytes; undefined: it is not there. */
  configMap(name: string): Promise<ReadonlyMap<string, Uint8Array> | undefined>;
  secret(name: string): Promise<ReadonlyMap<string, Uint8Array> | undefined>;
  /** A token of the pod's service account, bound to the pod; a fresh one when the one at hand is near its end. */
  token(audience: string | undefined, expirationSeconds: number): Promise<string>;
}

/** One kind of volume. Throws ConfigError with what is missing. */
export interface VolumePlugin {
  readonly source: Exclude<keyof Volume, "name">;
  content(volume: Volume, context: VolumeContext): Promise<VolumeContent>;
}
