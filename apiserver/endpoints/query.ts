/** Query parameters of the resource endpoints, read and checked as Kubernetes does. */
import type { ResourceDefinition } from "../../apimachinery/resource.js";
import type { FieldError } from "../../apimachinery/schema/schema.js";
import { escapeFieldValue, parseFieldSelector } from "../../apimachinery/selector/field.js";
import { parseLabelSelector } from "../../apimachinery/selector/label.js";
import { badRequest, invalid } from "../../apimachinery/status.js";
import type { WriteOptions } from "../registry/core.js";
import type { ListRequest } from "../registry/list.js";
import type { WatchRequest } from "../registry/watch.js";
import type { RequestContext } from "../request.js";
import { compileSelection, fieldReader, type Selection } from "../storage/watch-cache-selection.js";

export type FieldValidation = "Ignore" | "Warn" | "Strict";

export interface WriteQuery {
  readonly options: WriteOptions;
  readonly fieldValidation: FieldValidation;
}

/** Parameters whose meaning this server does not have; a client that sends one relies on it. */
const unsupported = ["shardSelector", "ignoreStoreReadErrorWithClusterBreakingPotential", "export", "exact"];

export function refuseUnsupported(query: URLSearchParams): void {
  for (const name of unsupported)
    if (query.has(name))
      throw badRequest(`the query parameter ${JSON.stringify(name)} is not supported by this server`);
}

export function writeQuery(
  { request: { query, headers }, user, warn }: RequestContext,
  kind: "CreateOptions" | "UpdateOptions" | "PatchOptions" | "DeleteOptions",
): WriteQuery {
  refuseUnsupported(query);
  const errors: FieldError[] = [];
  const dryRun = dryRunOf(query.getAll("dryRun"), errors);
  const fieldValidation = query.get("fieldValidation") ?? "";
  if (!["", "Ignore", "Warn", "Strict"].includes(fieldValidation)) {
    const message = 'supported values: "", "Ignore", "Strict", "Warn"';
    errors.push({ path: "fieldValidation", reason: "NotSupported", value: fieldValidation, message });
  }
  errors.push(...fieldManagerErrors(query.get("fieldManager") ?? ""));
  if (errors.length > 0) throw invalid({ group: "meta.k8s.io", kind }, "", errors);
  return {
    options: { user, warn, dryRun, manager: query.get("fieldManager") || programOf(headers["user-agent"]) },
    fieldValidation: fieldValidation === "Ignore" || fieldValidation === "Strict" ? fieldValidation : "Warn",
  };
}

/** What a User-Agent calls the program, `kubectl` of `kubectl/v1.33.0 (linux/amd64)`: the manager of whoever names none. */
const programOf = (userAgent = ""): string =>
  (userAgent.split("/", 1)[0] ?? "").replace(/\p{C}/gu, "").slice(0, fieldManagerMaxLength);

/** Whether the parameter, or the field of DeleteOptions, asks for a dry run. */
export function dryRunOf(values: readonly string[], errors: FieldError[]): boolean {
  const asked = values.filter((value) => value !== "");
  if (asked.some((value) => value !== "All")) {
    const message = 'supported values: "All"';
    errors.push({ path: "dryRun", reason: "NotSupported", value: asked, message });
  }
  return asked.length > 0;
}

const fieldManagerMaxLength = 128;

function fieldManagerErrors(manager: string): FieldError[] {
  const path = "fieldManager";
  if (manager.length > fieldManagerMaxLength)
    return [{ path, reason: "TooLong", message: `may not be more than ${fieldManagerMaxLength} bytes` }];
  if (/[\p{C}]/u.test(manager))
    return [{ path, reason: "Invalid", value: manager, message: "should only contain printable characters" }];
  return [];
}

export function listQuery(query: URLSearchParams, definition: ResourceDefinition, namespace: string): ListRequest {
  refuseUnsupported(query);
  const resourceVersion = query.get("resourceVersion") ?? "";
  const match = query.get("resourceVersionMatch") ?? "";
  const token = query.get("continue") ?? "";
  const errors: FieldError[] = [];
  const forbid = (path: string, message: string): void => void errors.push({ path, reason: "Forbidden", message });
  if (match !== "") {
    if (resourceVersion === "")
      forbid("resourceVersionMatch", "resourceVersionMatch is forbidden unless resourceVersion is provided");
    if (token !== "") forbid("resourceVersionMatch", "resourceVersionMatch is forbidden when continue is provided");
    checkMatch(match, errors, ["", "Exact", "NotOlderThan"]);
    if (match === "Exact" && resourceVersion === "0")
      forbid("resourceVersionMatch", 'resourceVersionMatch "exact" is forbidden for resourceVersion "0"');
  }
  if (query.has("sendInitialEvents")) forbid("sendInitialEvents", "sendInitialEvents is forbidden for list");
  if (errors.length > 0) throw invalidListOptions(errors);
  if (token !== "" && resourceVersion !== "" && resourceVersion !== "0")
    throw badRequest("specifying resource version is not allowed when using continue");
  integerOf(query, "timeoutSeconds");
  return {
    selection: selectionOf(query, definition, namespace),
    resourceVersion,
    resourceVersionMatch: match === "Exact" || match === "NotOlderThan" ? match : undefined,
    limit: Math.max(0, integerOf(query, "limit") ?? 0),
    continue: token === "" ? undefined : token,
  };
}

/** A name, where the path has one, is one more thing that the objects must have. */
export function watchQuery(
  query: URLSearchParams,
  definition: ResourceDefinition,
  { namespace, name }: { readonly namespace: string; readonly name: string },
): WatchRequest {
  refuseUnsupported(query);
  const match = query.get("resourceVersionMatch") ?? "";
  const sendInitialEvents = query.has("sendInitialEvents") ? booleanOf(query, "sendInitialEvents") : undefined;
  const errors: FieldError[] = [];
  const forbid = (path: string, message: string): void => void errors.push({ path, reason: "Forbidden", message });
  if (sendInitialEvents !== undefined && match !== "NotOlderThan")
    forbid("resourceVersionMatch", "sendInitialEvents requires setting resourceVersionMatch to NotOlderThan");
  if (match !== "") {
    if (sendInitialEvents === undefined)
      forbid(
        "resourceVersionMatch",
        "resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided",
      );
    checkMatch(match, errors, ["NotOlderThan"]);
  }
  if (query.get("continue")) forbid("continue", "continue is forbidden for watch");
  if (errors.length > 0) throw invalidListOptions(errors);
  integerOf(query, "timeoutSeconds");
  return {
    selection: selectionOf(query, definition, namespace, name),
    resourceVersion: query.get("resourceVersion") ?? "",
    bookmarks: booleanOf(query, "allowWatchBookmarks"),
    sendInitialEvents,
  };
}

function selectionOf(query: URLSearchParams, definition: ResourceDefinition, namespace: string, name = ""): Selection {
  const labels = parseLabelSelector(query.get("labelSelector") ?? "");
  const asked = query.get("fieldSelector") ?? "";
  const named = name === "" ? [] : [`metadata.name=${escapeFieldValue(name)}`];
  const fields = parseFieldSelector([...named, ...(asked === "" ? [] : [asked])].join(","));
  for (const { field } of fields.requirements) {
    if (fieldReader(definition, field)) continue;
    throw badRequest(
      Object.keys(definition.selectableFields).length > 0
        ? `field label not supported: ${field}`
        : `${JSON.stringify(field)} is not a known field selector: only "metadata.name", "metadata.namespace"`,
    );
  }
  return compileSelection(definition, { namespace, labels, fields });
}

function checkMatch(match: string, errors: FieldError[], supported: readonly string[]): void {
  if (match !== "" && supported.includes(match)) return;
  const message = `supported values: ${supported.map((value) => JSON.stringify(value)).join(", ")}`;
  errors.push({ path: "resourceVersionMatch", reason: "NotSupported", value: match, message });
}

const invalidListOptions = (errors: readonly FieldError[]): Error =>
  invalid({ group: "meta.k8s.io", kind: "ListOptions" }, "", errors);

/** Booleans of a query: everything but `0` and `false` says yes. */
export function booleanOf(query: URLSearchParams, name: string): boolean {
  const value = query.get(name);
  return value !== null && value !== "0" && value.toLowerCase() !== "false";
}

export function integerOf(query: URLSearchParams, name: string): number | undefined {
  const text = query.get(name);
  if (text === null || text === "") return undefined;
  const value = /^[+-]?\d+$/.test(text) ? Number(text) : Number.NaN;
  if (Number.isSafeInteger(value)) return value;
  throw badRequest(`strconv.ParseInt: parsing ${JSON.stringify(text)}: invalid syntax`);
}
