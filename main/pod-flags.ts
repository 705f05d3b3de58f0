import type { Command } from "commander";
import { duration } from "./flags.js";

/** Flags of whatever runs agents, named as kubelet names them. */
export interface PodFlags {
  readonly syncFrequency?: number;
}

export const podFlags = (command: Command): Command =>
  command.option(
    "--sync-frequency <duration>",
    "how often files of volumes are brought up to date (default: 1m)",
    duration,
  );

/** What they mean for an agent. */
export const podSettings = ({ syncFrequency }: PodFlags) => ({
  ...(syncFrequency === undefined ? {} : { syncFrequencyMs: syncFrequency }),
});
