import { badRequest } from "../../apimachinery/status.js";

/** Where a paged list goes on. Opaque to clients. */
export interface ContinueToken {
  /** Revision of the whole list; 0: go on with what is there now, though it may not fit the pages before. */
  readonly revision: number;
  /** Last key handed out, relative to the collection. */
  readonly after: string;
}

const format = "meta.k8s.io/v1";

export const formatContinueToken = ({ revision, after }: ContinueToken): string =>
  Buffer.from(JSON.stringify({ v: format, rv: revision === 0 ? -1 : revision, start: after })).toString("base64url");

export function parseContinueToken(text: string): ContinueToken {
  const { v, rv, start } = parseFields(text);
  if (v !== format) throw invalidToken("incorrect encoded continue key version");
  if (typeof rv !== "number" || !Number.isSafeInteger(rv) || rv === 0)
    throw invalidToken("resource version is not set");
  if (typeof start !== "string" || start === "") throw invalidToken("the start key is missing");
  return { revision: Math.max(rv, 0), after: start };
}

function parseFields(text: string): { readonly v?: unknown; readonly rv?: unknown; readonly start?: unknown } {
  try {
    const value: unknown = JSON.parse(Buffer.from(text, "base64url").toString());
    return typeof value === "object" && value !== null ? value : {};
  } catch {
    throw invalidToken("it cannot be read");
  }
}

const invalidToken = (why: string): Error => badRequest(`continue key is not valid: ${why}`);
