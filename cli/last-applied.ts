import type { AnyObject } from "./api.js";
import { goJson } from "./printers/jsonpath.js";

export const lastAppliedAnnotation = "kubectl.kubernetes.io/last-applied-configuration";

/** The object with a record of itself, by which the next apply knows what was taken away. */
export function withLastApplied(object: AnyObject): AnyObject {
  const annotations = { ...object.metadata.annotations };
  delete annotations[lastAppliedAnnotation];
  const bare = { ...object, metadata: { ...object.metadata, annotations } };
  const record = `${goJson(bare)}\n`;
  return { ...bare, metadata: { ...bare.metadata, annotations: { ...annotations, [lastAppliedAnnotation]: record } } };
}

/** What the last apply wrote; undefined where there was none. */
export function lastAppliedOf(object: AnyObject): Readonly<Record<string, unknown>> | undefined {
  const record = object.metadata.annotations?.[lastAppliedAnnotation];
  if (record === undefined || record === "") return undefined;
  const value: unknown = JSON.parse(record);
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : undefined;
}
