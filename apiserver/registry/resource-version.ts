import { badRequest, StatusError } from "../../apimachinery/status.js";

/** How long a read waits for the caches to get to the version that it asks for. */
export const freshReadTimeoutMs = 3_000;

/** "" and absent: the newest (undefined); "0": whatever is there. Throws BadRequest. */
export function parseResourceVersion(text: string | undefined): number | undefined {
  if (text === undefined || text === "") return undefined;
  const version = /^\d{1,16}$/.test(text) ? Number(text) : Number.NaN;
  if (Number.isSafeInteger(version)) return version;
  throw badRequest(`Invalid value: ${JSON.stringify(text)}: resource version must be a decimal number`);
}

/** The caller saw a version that this server does not know yet, or never will. */
export const tooLargeResourceVersion = (asked: number, current: number): StatusError =>
  new StatusError("Timeout", `Too large resource version: ${asked}, current: ${current}`, {
    causes: [{ reason: "ResourceVersionTooLarge", message: "Too large resource version" }],
    retryAfterSeconds: 1,
  });
