import { StatusError } from "../../status.js";
import { type FieldSet, pathsOf } from "./field-set.js";
import type { Manager } from "./managers.js";
import { shownPath } from "./path-element.js";

/** Fields that an apply would change and that someone else owns. */
export interface Conflict {
  readonly manager: Manager;
  readonly fields: FieldSet;
}

/** 409 naming each field and its manager. */
export function conflictError(conflicts: readonly Conflict[]): StatusError {
  const found = conflicts
    .map(({ manager, fields }) => ({ name: nameOf(manager), paths: pathsOf(fields).map(shownPath) }))
    .sort((one, other) => (one.name < other.name ? -1 : 1));
  const causes = found.flatMap(({ name, paths }) =>
    paths.map((field) => ({ reason: "FieldManagerConflict", message: `conflict with ${name}`, field })),
  );
  const [only] = causes;
  const text =
    causes.length === 1 && only
      ? `1 conflict: ${only.message}: ${only.field}`
      : `${causes.length} conflicts: ${found.map(linesOf).join("\n")}`;
  return new StatusError("Conflict", `Apply failed with ${text}`, { causes });
}

const linesOf = ({ name, paths }: { readonly name: string; readonly paths: readonly string[] }): string =>
  [`conflicts with ${name}:`, ...paths.map((path) => `- ${path}`)].join("\n");

function nameOf({ manager, operation, apiVersion, subresource }: Manager): string {
  const name = `${JSON.stringify(manager)}${subresource === "" ? "" : ` with subresource ${JSON.stringify(subresource)}`}`;
  return operation === "Update" ? `${name} using ${apiVersion}` : name;
}
