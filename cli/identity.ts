/** What keeps a document from being an object of a kind, in the words of kubectl's validation; undefined: nothing. */
export function missingOf(document: unknown): string | undefined {
  if (typeof document !== "object" || document === null || Array.isArray(document)) return "invalid object to validate";
  const { apiVersion, kind } = document as Readonly<Record<string, unknown>>;
  const missing = [
    ...(apiVersion ? [] : ["apiVersion not set"]),
    ...(kind ? [] : ["kind not set"]),
    ...(apiVersion && typeof apiVersion !== "string" ? ["apiVersion isn't string type"] : []),
    ...(kind && typeof kind !== "string" ? ["kind isn't string type"] : []),
  ];
  return missing.length > 1 ? `[${missing.join(", ")}]` : missing[0];
}
