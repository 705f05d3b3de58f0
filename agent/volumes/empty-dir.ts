import { ConfigError } from "../pod/env.js";
import type { VolumePlugin } from "./plugin.js";

/** A directory that lives as long as the pod. */
export const emptyDir: VolumePlugin = {
  source: "emptyDir",
  async content({ name, emptyDir: source }) {
    const medium = source?.medium ?? "";
    if (medium.startsWith("HugePages"))
      throw new ConfigError(`volume ${JSON.stringify(name)}: emptyDir.medium ${medium} is not supported`);
    if (medium === "Memory")
      throw new ConfigError(
        `volume ${JSON.stringify(name)}: emptyDir.medium Memory cannot be honoured on this node: leave it out, and the volume lies on disk`,
      );
    return { type: "directory" };
  },
};
