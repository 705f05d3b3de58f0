import type { Command } from "../command.js";
import { setEnv } from "./set/env.js";
import { setImage } from "./set/image.js";

export const set: Command = {
  name: "set",
  summary: "Change one aspect of a workload.",
  flags: {},
  subcommands: [setEnv, setImage],
};
