import { defineCommand } from "../command.js";
import { metadataFlags, runMetadataCommand } from "../metadata-command.js";

export const annotate = defineCommand({
  name: "annotate",
  usage: "(-f FILE | TYPE NAME) KEY_1=VAL_1 ... KEY_N- ...",
  summary: "Add, change and remove annotations.",
  examples: ["navctl annotate deploy web owner=alice", "navctl annotate deploy web owner-"],
  flags: metadataFlags,
  run: (call) =>
    runMetadataCommand(call, {
      field: "annotations",
      noun: "annotation",
      done: "annotated",
      removed: "annotated",
      undone: "annotated",
      fieldManager: "kubectl-annotate",
      taken: (pairs) =>
        `--overwrite is false but found the following declared annotation(s): ${pairs.map(([key, value]) => `'${key}' already has a value (${value})`).join("; ")}`,
    }),
});
