import { resolve } from "node:path";
import type { Command } from "commander";
import { containerHardThresholds, defaultHardThresholds } from "../agent/resources/node/settings.js";
import { duration, durationBetween } from "./flags.js";
import { type ImageFlags, imageFlags, imageSettings } from "./image-flags.js";
import { type ResourceFlags, resourceFlags, resourceSettings } from "./resource-flags.js";
import type { ChosenRuntime } from "./runtime-choice.js";

/** Flags of whatever runs agents, named as kubelet names them. */
export interface PodFlags extends ImageFlags, ResourceFlags {
  readonly podManifestPath?: string;
  readonly syncFrequency?: number;
  readonly maxContainerRestartPeriod?: number;
}

export const podFlags = (command: Command): Command =>
  resourceFlags(imageFlags(command))
    .option("--pod-manifest-path <path>", "folder of manifests, or one manifest: static pods of each node started here")
    .option("--sync-frequency <duration>", "how often files of volumes are brought up to date (default: 1m)", duration)
    .option(
      "--max-container-restart-period <duration>",
      "how long a container that fails again and again is held back at most, 1s to 5m (default: 5m)",
      durationBetween("1s", "5m"),
    );

/** What they mean for an agent. */
export const podSettings = (given: PodFlags, { runtime }: ChosenRuntime) => {
  const { podManifestPath, syncFrequency, maxContainerRestartPeriod, ...flags } = given;
  return {
    resources: resourceSettings(flags, runtime === "cri" ? containerHardThresholds : defaultHardThresholds),
    ...(podManifestPath === undefined ? {} : { staticPodPath: resolve(podManifestPath) }),
    ...(syncFrequency === undefined ? {} : { syncFrequencyMs: syncFrequency }),
    ...(maxContainerRestartPeriod === undefined ? {} : { restartBackOffMaxMs: maxContainerRestartPeriod }),
    ...imageSettings(flags),
  };
};
