import { parseJson } from "../../apimachinery/codec/json.js";
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
  if (v !== format) throw invalidToken(`server does not recognize this encoded version ${JSON.stringify(v ?? "")}`);
  if (typeof rv !== "number" || !Number.isSafeInteger(rv) || rv === 0)
    throw invalidToken("incorrect encoded start resourceVersion (version meta.k8s.io/v1)");
  if (typeof start !== "string" || start === "") throw invalidToken("encoded start key empty (version meta.k8s.io/v1)");
  return { revision: Math.max(rv, 0), after: start };
}

function parseFields(text: string): { readonly v?: unknown; readonly rv?: unknown; readonly start?: unknown } {
  const foreign = text.search(/[^A-Za-z0-9_-]/);
  const illegalAt = foreign < 0 && text.length % 4 === 1 ? text.length - 1 : foreign;
  if (illegalAt >= 0) throw invalidToken(`illegal base64 data at input byte ${illegalAt}`);
  try {
    const { value } = parseJson(Buffer.from(text, "base64url"));
    return typeof value === "object" && value !== null ? value : {};
  } catch (error) {
    throw invalidToken(error instanceof Error ? error.message : "it cannot be read");
  }
}

const invalidToken = (why: string): Error => badRequest(`invalid continue token: continue key is not valid: ${why}`);
