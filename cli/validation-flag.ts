import { CliError } from "./errors.js";
import { optionalText } from "./flags.js";

export const validationFlag = {
  validate: optionalText("What the server does about unknown fields: strict (refuse), warn or ignore.", {
    bare: "strict",
    initial: "strict",
  }),
};

/** Files are looked through before anything is sent. */
export const validates = (written: string | undefined): boolean => validationOf(written) !== "Ignore";

/** The server's `fieldValidation`. */
export function validationOf(written: string | undefined): "Strict" | "Warn" | "Ignore" {
  switch (written?.toLowerCase()) {
    case undefined:
    case "strict":
    case "true":
      return "Strict";
    case "warn":
      return "Warn";
    case "ignore":
    case "false":
      return "Ignore";
    default:
      throw new CliError(
        `invalid validate option ${JSON.stringify(written)}. Must be one of: strict, warn, ignore, true, false`,
      );
  }
}
