import { CliError } from "./errors.js";
import { optionalText } from "./flags.js";
import type { DryRun } from "./printers/result.js";

export const dryRunFlag = {
  "dry-run": optionalText(
    "none, client (only show what would be sent) or server (the server checks it, but stores nothing).",
    {
      bare: "unchanged",
      initial: "none",
    },
  ),
};

export function dryRunOf(session: { note(line: string): void }, written: string | undefined): DryRun {
  switch (written) {
    case "none":
    case "client":
    case "server":
      return written;
    case undefined:
    case "false":
      return "none";
    case "unchanged":
    case "true":
      session.note("W --dry-run is deprecated and can be replaced with --dry-run=client.");
      return "client";
    default:
      throw new CliError(`Invalid dry-run value (${written}). Must be "none", "server", or "client".`);
  }
}

/** Query parameters of a write. */
export const writeQuery = (
  dryRun: DryRun,
  fieldManager: string,
  validate?: string,
): Readonly<Record<string, string | undefined>> => ({
  dryRun: dryRun === "server" ? "All" : undefined,
  fieldManager,
  fieldValidation: validate,
});
