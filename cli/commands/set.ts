import type { Command } from "../command.js";
import { setEnv } from "./set/env.js";
import { setImage } from "./set/image.js";
import { setResources } from "./set/resources.js";
import { setSelector } from "./set/selector.js";
import { setServiceAccount } from "./set/service-account.js";
import { setSubject } from "./set/subject.js";

export const set: Command = {
  name: "set",
  summary: "Change one aspect of a workload.",
  flags: {},
  subcommands: [setEnv, setImage, setResources, setSelector, setServiceAccount, setSubject],
};
