import type { Command } from "commander";
import { defaultGarbagePolicy } from "../agent/images/garbage.js";
import { duration, percent, positive } from "./flags.js";
import { UserError } from "./user-error.js";

/** How a node pulls images and when it removes them. */
export interface ImageFlags {
  readonly maxParallelImagePulls?: number;
  readonly imageGcHighThreshold?: number;
  readonly imageGcLowThreshold?: number;
  readonly minimumImageTtlDuration?: number;
  readonly imageGcPeriod?: number;
}

export const imageFlags = (command: Command): Command =>
  command
    .option("--max-parallel-image-pulls <n>", "pulls of different images at a time (default: 5)", positive)
    .option(
      "--image-gc-high-threshold <percent>",
      "use of the images' disk from which on unused images are removed (default: 85)",
      percent,
    )
    .option(
      "--image-gc-low-threshold <percent>",
      "use of the disk down to which they are removed (default: 80)",
      percent,
    )
    .option(
      "--minimum-image-ttl-duration <duration>",
      "age under which an unused image is not removed (default: 2m)",
      duration,
    )
    .option("--image-gc-period <duration>", "how often the images' disk is looked at (default: 5m)", duration);

/** What they mean for an agent. */
export const imageSettings = (flags: ImageFlags) => ({
  ...(flags.maxParallelImagePulls === undefined ? {} : { maxParallelImagePulls: flags.maxParallelImagePulls }),
  imageGarbage: {
    policy: garbagePolicy(flags),
    ...(flags.imageGcPeriod === undefined ? {} : { everyMs: flags.imageGcPeriod }),
  },
});

function garbagePolicy({ imageGcHighThreshold, imageGcLowThreshold, minimumImageTtlDuration }: ImageFlags) {
  const policy = {
    highThresholdPercent: imageGcHighThreshold ?? defaultGarbagePolicy.highThresholdPercent,
    lowThresholdPercent: imageGcLowThreshold ?? defaultGarbagePolicy.lowThresholdPercent,
    minimumAgeMs: minimumImageTtlDuration ?? defaultGarbagePolicy.minimumAgeMs,
  };
  if (policy.lowThresholdPercent >= policy.highThresholdPercent)
    throw new UserError(
      `--image-gc-low-threshold (${policy.lowThresholdPercent}) must be less than --image-gc-high-threshold (${policy.highThresholdPercent})`,
    );
  return policy;
}
