import type { Command } from "../command.js";
import { history } from "./rollout/history.js";
import { status } from "./rollout/status.js";
import { pause, restart, resume } from "./rollout/switches.js";
import { undo } from "./rollout/undo.js";

export const rollout: Command = {
  name: "rollout",
  summary: "Follow and steer how a workload changes.",
  examples: ["navctl rollout status deployment/web", "navctl rollout undo deployment/web"],
  flags: {},
  subcommands: [history, pause, restart, resume, status, undo],
};
