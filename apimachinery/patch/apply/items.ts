import type { Shape } from "./shape.js";

export type ListShape = Shape & { readonly type: "list" };

/** The items of a list by path element, in their order. Items without an identity of their own are left out. */
export function itemsOf(shape: ListShape, list: readonly unknown[]): ReadonlyMap<string, readonly unknown[]> {
  const items = new Map<string, unknown[]>();
  for (const item of list) {
    const identity = shape.identify(item);
    if ("missing" in identity) continue;
    const same = items.get(identity.element);
    if (same) same.push(item);
    else items.set(identity.element, [item]);
  }
  return items;
}

export function elementOf(shape: ListShape, item: unknown): string | undefined {
  const identity = shape.identify(item);
  return "element" in identity ? identity.element : undefined;
}
