import { StatusError } from "../../apimachinery/status.js";
import { stackOf } from "../../base/error-text.js";
import type { Logger } from "../../base/log.js";

/**
 * What the caller learns of a failure. Anything but a StatusError is a fault of ours: it is logged once, with its stack
 * and the request's id, and the caller is told the id alone.
 */
export function statusOf(error: unknown, requestId: string, log: Logger): StatusError {
  if (isStatusError(error)) return error;
  log.error("request failed unexpectedly", {
    requestId,
    error: stackOf(error),
  });
  return new StatusError("InternalError", `Internal error occurred: request ${requestId} failed unexpectedly`, {
    causes: [{ message: `request ${requestId} failed unexpectedly` }],
  });
}

const isStatusError = (error: unknown): error is StatusError =>
  error instanceof StatusError || (error instanceof Error && error.name === "StatusError" && "code" in error);
