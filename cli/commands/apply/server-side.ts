import type { AnyObject, Api } from "../../api.js";
import { type dryRunOf, writeQuery } from "../../dry-run.js";
import { CliError, HintedError, isStatus } from "../../errors.js";
import type { DryRun } from "../../printers/result.js";
import type { Info } from "../../resources/select.js";
import { withSource } from "../../source-errors.js";
import { validationOf } from "../../validation-flag.js";

interface Flags {
  readonly "server-side"?: boolean;
  readonly "force-conflicts"?: boolean;
  readonly force?: boolean;
  readonly validate?: string | undefined;
  readonly "field-manager"?: string | undefined;
}

/** The manager that kubectl applies as, so that either program may go on where the other left off. */
const defaultManager = "kubectl";

export function checkServerSide(flags: Flags, dryRun: ReturnType<typeof dryRunOf>): void {
  if (!flags["server-side"]) {
    if (flags["force-conflicts"]) throw new CliError("--force-conflicts only works with --server-side");
    return;
  }
  if (flags.force) throw new CliError("--force cannot be used with --server-side");
  if (dryRun === "client")
    throw new CliError("--dry-run=client doesn't work with --server-side (did you mean --dry-run=server instead?)");
}

/** Sends what the file says and lets the server merge. */
export async function applyServerSide(
  api: Api,
  { resource, namespace, name, wanted, source }: Info,
  flags: Flags,
  dryRun: DryRun,
): Promise<{ readonly object: AnyObject; readonly operation: "serverside-applied" }> {
  if (name === "" && wanted?.metadata.generateName) {
    throw new CliError(`from ${wanted.metadata.generateName}: cannot use generate name with apply`);
  }
  const query = {
    ...writeQuery(dryRun, flags["field-manager"] ?? defaultManager, validationOf(flags.validate)),
    force: flags["force-conflicts"] ? "true" : undefined,
  };
  try {
    const object = await api.patch(resource, name, namespace, { type: "apply", body: wanted, query });
    return { object, operation: "serverside-applied" };
  } catch (error) {
    if (isStatus(error, "Conflict") && error instanceof Error && error.message.startsWith("Apply failed with"))
      throw new HintedError(error, conflictHint);
    throw withSource(error, "applying", source);
  }
}

const conflictHint =
  "take the fields over with --force-conflicts, leave them out of the file, or write the value that they have to share them";
