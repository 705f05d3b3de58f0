import { resolve } from "node:path";
import type { Command } from "commander";
import { duration } from "./flags.js";

/** Flags of whatever runs agents, named as kubelet names them. */
export interface PodFlags {
  readonly podManifestPath?: string;
  readonly syncFrequency?: number;
}

export const podFlags = (command: Command): Command =>
  command
    .option("--pod-manifest-path <path>", "folder of manifests, or one manifest: static pods of each node started here")
    .option("--sync-frequency <duration>", "how often files of volumes are brought up to date (default: 1m)", duration);

/** What they mean for an agent. */
export const podSettings = ({ podManifestPath, syncFrequency }: PodFlags) => ({
  ...(podManifestPath === undefined ? {} : { staticPodPath: resolve(podManifestPath) }),
  ...(syncFrequency === undefined ? {} : { syncFrequencyMs: syncFrequency }),
});
