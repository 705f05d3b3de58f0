import { equal } from "./equal.js";
import { isRecord } from "./record.js";

/** Where two values differ, as deep as both have the same shape: `containers[0].name`. In order, `max` at most. */
export function changedPaths(before: unknown, after: unknown, max: number): readonly string[] {
  const found: string[] = [];
  collect(before, after, "", found, max);
  return found;
}

function collect(before: unknown, after: unknown, path: string, found: string[], max: number): void {
  if (found.length >= max || equal(before, after)) return;
  if (Array.isArray(before) && Array.isArray(after) && before.length === after.length) {
    for (const [index, item] of before.entries()) collect(item, after[index], `${path}[${index}]`, found, max);
  } else if (isRecord(before) && isRecord(after)) {
    for (const key of new Set([...Object.keys(before), ...Object.keys(after)]))
      collect(own(before, key), own(after, key), path === "" ? key : `${path}.${key}`, found, max);
  } else found.push(path);
}

const own = (object: Readonly<Record<string, unknown>>, key: string): unknown =>
  Object.hasOwn(object, key) ? object[key] : undefined;
