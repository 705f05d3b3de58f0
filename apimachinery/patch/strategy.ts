import { goText, goType } from "../../base/go-text.js";
import type { ListTraits, Schema, SchemaNode } from "../schema/schema.js";
import { badRequest, unclassified } from "../status.js";
import { isObject, type JsonObject } from "./merge.js";

/** What a schema says about merging, and the words of the directives: common to making and applying strategic patches. */

export const patchDirective = "$patch";
export const retainKeysDirective = "$retainKeys";
export const deletePrefix = "$deleteFromPrimitiveList/";
export const orderPrefix = "$setElementOrder/";

/** A list that is merged: by `mergeKey`, or as a set of scalars where that is "". */
export interface MergeList {
  readonly mergeKey: string;
  readonly item: Schema<unknown>;
}

/** The schema of a member; undefined where the schema does not say (then everything below merges as plain JSON). */
export function memberSchema(schema: Schema<unknown> | undefined, key: string): Schema<unknown> | undefined {
  const node = nodeOf(schema);
  if (node?.type === "object") return node.fields.get(key);
  return node?.type === "map" ? node.value : undefined;
}

export function mergeListOf(schema: Schema<unknown> | undefined): MergeList | undefined {
  const node = nodeOf(schema);
  const traits: (ListTraits & { readonly item: Schema<unknown> }) | undefined =
    node?.type === "list" ? node : undefined;
  return traits?.mergeKey === undefined ? undefined : { mergeKey: traits.mergeKey, item: traits.item };
}

export function retainsKeys(schema: Schema<unknown> | undefined): boolean {
  const node = nodeOf(schema);
  return node?.type === "object" && node.retainKeys === true;
}

function nodeOf(schema: Schema<unknown> | undefined): SchemaNode | undefined {
  let node = schema?.node;
  while (node?.type === "ref") node = node.target().node;
  return node;
}

/** What makes two items of a merged list the same: the merge key's value, or the scalar itself. */
export function identityOf({ mergeKey }: MergeList, item: unknown): string {
  if (mergeKey === "") {
    if (typeof item === "object") throw badRequest("invalid patch format of primitive list");
    return `${typeof item}:${item}`;
  }
  if (!isObject(item)) throw unclassified(`expected a map[string]interface {}, but received a ${goType(item)}`);
  const value = own(item, mergeKey);
  if (value === undefined) throw unclassified(`map: ${goText(item)} does not contain declared merge key: ${mergeKey}`);
  return `${typeof value}:${value}`;
}

export const own = (object: JsonObject, key: string): unknown => (Object.hasOwn(object, key) ? object[key] : undefined);
