import { stringifyJson } from "./codec/json.js";
import type { FieldError } from "./schema/schema.js";

/** Reasons of a failed request, as in metav1.StatusReason, with the HTTP code that each stands for; a code's first is its usual one. */
export const statusCodes = {
  BadRequest: 400,
  Unauthorized: 401,
  Forbidden: 403,
  NotFound: 404,
  MethodNotAllowed: 405,
  NotAcceptable: 406,
  Timeout: 504,
  InternalError: 500,
  ServerTimeout: 500,
  Conflict: 409,
  AlreadyExists: 409,
  Gone: 410,
  Expired: 410,
  RequestEntityTooLarge: 413,
  UnsupportedMediaType: 415,
  Invalid: 422,
  TooManyRequests: 429,
  ServiceUnavailable: 503,
} as const;
export type StatusReason = keyof typeof statusCodes;

export interface StatusCause {
  readonly reason?: string;
  readonly message?: string;
  readonly field?: string;
}
export interface StatusDetails {
  readonly name?: string;
  readonly group?: string;
  readonly kind?: string;
  readonly uid?: string;
  readonly causes?: readonly StatusCause[];
  readonly retryAfterSeconds?: number;
}
export interface StatusMeta {
  /** After an expired continue token: leads to the rest of the list as it is now. */
  readonly continue?: string;
}
/** metav1.Status as it goes over the wire. */
export interface Status {
  readonly kind: "Status";
  readonly apiVersion: "v1";
  readonly metadata: StatusMeta;
  readonly status: "Success" | "Failure";
  readonly message?: string;
  readonly reason?: string;
  readonly details?: StatusDetails;
  readonly code?: number;
}

/** The one error of the API: thrown by the server's rooms, mapped to HTTP in one stage; thrown again by the client. */
export class StatusError extends Error {
  override readonly name = "StatusError";
  /** One of StatusReason, or what a foreign server said. */
  readonly reason: string;
  readonly code: number;
  readonly details: StatusDetails | undefined;
  readonly metadata: StatusMeta;

  /** The empty reason is that of what nobody classified: 500. */
  constructor(
    reason: StatusReason | "",
    message: string,
    details?: StatusDetails,
    code: number = reason === "" ? 500 : statusCodes[reason],
    metadata: StatusMeta = {},
  ) {
    super(message);
    this.reason = reason;
    this.code = code;
    this.details = details;
    this.metadata = metadata;
  }

  get status(): Status {
    return {
      kind: "Status",
      apiVersion: "v1",
      metadata: this.metadata,
      status: "Failure",
      message: this.message,
      ...(this.reason === "" ? {} : { reason: this.reason }),
      ...(this.details ? { details: withoutEmptyName(this.details) } : {}),
      code: this.code,
    };
  }
}

function withoutEmptyName({ name, ...rest }: StatusDetails): StatusDetails {
  return name ? { name, ...rest } : rest;
}

type Named = { readonly group: string; readonly plural: string };
const groupResource = ({ group, plural }: Named): string => (group === "" ? plural : `${plural}.${group}`);
const detailsOf = ({ group, plural }: Named, name: string): StatusDetails => ({
  ...(name === "" ? {} : { name }),
  ...(group === "" ? {} : { group }),
  kind: plural,
});

export const badRequest = (message: string): StatusError => new StatusError("BadRequest", message);
/** What Kubernetes answers to a client's mistake that it has no reason for: 500 with the bare words, which clients look for. */
export const unclassified = (message: string): StatusError => new StatusError("", message);
export const notFound = (resource: Named, name: string): StatusError =>
  new StatusError(
    "NotFound",
    `${groupResource(resource)} ${JSON.stringify(name)} not found`,
    detailsOf(resource, name),
  );
export const alreadyExists = (resource: Named, name: string): StatusError =>
  new StatusError(
    "AlreadyExists",
    `${groupResource(resource)} ${JSON.stringify(name)} already exists`,
    detailsOf(resource, name),
  );
export const conflict = (resource: Named, name: string, why: string): StatusError =>
  new StatusError(
    "Conflict",
    `Operation cannot be fulfilled on ${groupResource(resource)} ${JSON.stringify(name)}: ${why}`,
    detailsOf(resource, name),
  );
export const forbidden = (resource: Named, name: string, why: string): StatusError =>
  new StatusError(
    "Forbidden",
    name === ""
      ? `${groupResource(resource)} is forbidden: ${why}`
      : `${groupResource(resource)} ${JSON.stringify(name)} is forbidden: ${why}`,
    detailsOf(resource, name),
  );

/** 422 with one cause a field error, worded as Kubernetes' aggregate: `Deployment.apps "x" is invalid: spec.selector: Required value`. */
export function invalid(
  resource: { readonly group: string; readonly kind: string },
  name: string,
  errors: readonly FieldError[],
): StatusError {
  const messages = errors.map(fieldErrorMessage);
  const kind = resource.group === "" ? resource.kind : `${resource.kind}.${resource.group}`;
  const text = messages.length === 1 ? messages[0] : `[${messages.join(", ")}]`;
  return new StatusError("Invalid", `${kind} ${JSON.stringify(name)} is invalid: ${text}`, {
    ...(name === "" ? {} : { name }),
    ...(resource.group === "" ? {} : { group: resource.group }),
    ...(resource.kind === "" ? {} : { kind: resource.kind }),
    causes: errors.map((error) => ({
      reason: `FieldValue${error.reason}`,
      message: withoutPath(error),
      field: error.path,
    })),
  });
}

/** `spec.replicas: Invalid value: -1: must be greater than or equal to 0`. */
export const fieldErrorMessage = (error: FieldError): string => `${error.path}: ${withoutPath(error)}`;

const titles: Readonly<Record<FieldError["reason"], string>> = {
  Required: "Required value",
  Invalid: "Invalid value",
  NotSupported: "Unsupported value",
  Duplicate: "Duplicate value",
  Forbidden: "Forbidden",
  TooLong: "Too long",
  TooMany: "Too many",
  TypeInvalid: "Invalid value",
  NotFound: "Not found",
  InternalError: "Internal error",
};
const valueless: ReadonlySet<FieldError["reason"]> = new Set([
  "Required",
  "Forbidden",
  "TooLong",
  "TooMany",
  "InternalError",
]);

function withoutPath({ reason, value, message }: FieldError): string {
  const shown = valueless.has(reason) || value === undefined ? "" : `: ${stringifyJson(value)}`;
  return `${titles[reason]}${shown}${message === "" ? "" : `: ${message}`}`;
}
