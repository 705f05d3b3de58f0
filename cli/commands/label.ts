import { defineCommand } from "../command.js";
import { metadataFlags, runMetadataCommand } from "../metadata-command.js";

export const label = defineCommand({
  name: "label",
  usage: "(-f FILE | TYPE NAME) KEY_1=VAL_1 ... KEY_N- ...",
  summary: "Add, change and remove labels.",
  examples: [
    "navctl label pods web-0 tier=front",
    "navctl label pods --all tier-",
    "navctl label node n1 zone=a --overwrite",
  ],
  flags: metadataFlags,
  run: (call) =>
    runMetadataCommand(call, {
      field: "labels",
      noun: "label",
      done: "labeled",
      removed: "unlabeled",
      undone: "not labeled",
      fieldManager: "kubectl-label",
      taken: (pairs) =>
        pairs.map(([key, value]) => `'${key}' already has a value (${value}), and --overwrite is false`).join("; "),
    }),
});
