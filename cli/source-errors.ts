import { StatusError, type StatusReason } from "../apimachinery/status.js";
import type { Resource } from "./discovery/discovery.js";

/** The same failure, saying what was being done with which file. */
export function withSource(error: unknown, verb: string, source: string | undefined): unknown {
  if (!(error instanceof StatusError) || source === undefined) return error;
  return retold(error, `error when ${verb} ${JSON.stringify(source)}: ${error.message}`);
}

export const retold = (error: StatusError, message: string): StatusError =>
  new StatusError(error.reason as StatusReason, message, error.details, error.code);

/** Where the server did not know a field and a known one is spelt alike: the better spelling. */
export async function fieldHint(error: unknown, resource: Resource): Promise<string | undefined> {
  if (!(error instanceof StatusError)) return undefined;
  const path = /unknown field "([^"]+)"/.exec(error.message)?.[1];
  if (path === undefined) return undefined;
  const [{ schemaOf }, { nearField }] = await Promise.all([import("./schemas.js"), import("./field-hint.js")]);
  const schema = await schemaOf(resource);
  const near = schema && nearField(schema, path);
  return near && `did you mean ${JSON.stringify(near)}?`;
}
