/**
 * Sets of fields in the form in which managedFields carries them (FieldsV1): a tree whose steps are path elements
 * (`f:replicas`, `k:{"name":"web"}`, `v:"x"`, `i:0`), and in which a node without children, or one that holds ".", is
 * itself in the set. The root stands for the object and is never in the set. All operations answer frozen values and
 * share what they did not change: the same reference means the same set.
 */
export interface FieldSet {
  readonly [element: string]: FieldSet;
}

export const emptySet: FieldSet = Object.freeze({});
/** A field that is in the set, with nothing below it. */
export const leaf: FieldSet = emptySet;
export const self = ".";

/** Elements on the way from the root to a field. */
export type FieldPath = readonly string[];

export const isEmptySet = (set: FieldSet): boolean => isLeaf(set);

/** Whether the field that a node stands for is itself in the set. Not for the root. */
export const isMember = (node: FieldSet): boolean => isLeaf(node) || Object.hasOwn(node, self);

export const childOf = (node: FieldSet, element: string): FieldSet | undefined =>
  Object.hasOwn(node, element) ? node[element] : undefined;

export function union(left: FieldSet, right: FieldSet): FieldSet {
  if (left === right || isLeaf(right)) return left;
  if (isLeaf(left)) return right;
  const children = new Map(Object.entries(left));
  let changed = false;
  for (const [element, theirs] of Object.entries(right)) {
    const ours = children.get(element);
    const both = ours === undefined ? theirs : unionOfNodes(ours, theirs);
    if (both === ours) continue;
    children.set(element, both);
    changed = true;
  }
  return changed ? frozen(children) : left;
}

function unionOfNodes(left: FieldSet, right: FieldSet): FieldSet {
  // Leaves that were read are not the one that is made here.
  if (left === right || (isLeaf(left) && isLeaf(right))) return left;
  if (isLeaf(left))
    return Object.hasOwn(right, self) ? right : frozen(new Map([[self, leaf], ...Object.entries(right)]));
  if (isLeaf(right)) return Object.hasOwn(left, self) ? left : frozen(new Map([[self, leaf], ...Object.entries(left)]));
  return union(left, right);
}

/** What is in `left` and not in `right`. Being in the set is told field by field: a field's children stay without it. */
export function difference(left: FieldSet, right: FieldSet): FieldSet {
  if (isLeaf(left) || isLeaf(right)) return left;
  return differenceOfChildren(left, right) ?? emptySet;
}

function differenceOfNodes(left: FieldSet, right: FieldSet): FieldSet | undefined {
  if (isLeaf(left)) return isMember(right) ? undefined : left;
  if (isLeaf(right)) {
    if (!Object.hasOwn(left, self)) return left;
    const { [self]: _, ...children } = left;
    return Object.keys(children).length === 0 ? undefined : Object.freeze(children);
  }
  return differenceOfChildren(left, right);
}

function differenceOfChildren(left: FieldSet, right: FieldSet): FieldSet | undefined {
  const children = new Map<string, FieldSet>();
  let changed = false;
  for (const [element, ours] of Object.entries(left)) {
    const theirs = childOf(right, element);
    const rest = theirs === undefined ? ours : differenceOfNodes(ours, theirs);
    if (rest !== undefined) children.set(element, rest);
    if (rest !== ours) changed = true;
  }
  if (!changed) return left;
  return children.size === 0 ? undefined : frozenNode(children);
}

export function intersection(left: FieldSet, right: FieldSet): FieldSet {
  if (left === right) return left;
  const children = new Map<string, FieldSet>();
  for (const [element, ours] of Object.entries(left)) {
    const theirs = childOf(right, element);
    const both = theirs === undefined ? undefined : intersectionOfNodes(ours, theirs);
    if (both !== undefined) children.set(element, both);
  }
  return children.size === 0 ? emptySet : frozenNode(children);
}

function intersectionOfNodes(left: FieldSet, right: FieldSet): FieldSet | undefined {
  if (left === right) return left;
  if (isLeaf(left)) return isMember(right) ? leaf : undefined;
  if (isLeaf(right)) return isMember(left) ? leaf : undefined;
  const both = intersection(left, right);
  return isLeaf(both) && !(isMember(left) && isMember(right)) ? undefined : both;
}

/** The set without all but these children of the root. */
export function onlyBelow(set: FieldSet, elements: ReadonlySet<string>): FieldSet {
  const kept = Object.entries(set).filter(([element]) => elements.has(element));
  return kept.length === Object.keys(set).length ? set : frozen(new Map(kept));
}

export function pathsOf(set: FieldSet): FieldPath[] {
  const paths: FieldPath[] = [];
  const visit = (node: FieldSet, path: FieldPath): void => {
    if (path.length > 0 && isMember(node)) paths.push(path);
    for (const [element, child] of Object.entries(node)) if (element !== self) visit(child, [...path, element]);
  };
  visit(set, []);
  return paths;
}

export function setOf(paths: readonly FieldPath[]): FieldSet {
  let set = emptySet;
  for (const path of paths) {
    let node = leaf;
    for (const element of [...path].reverse()) node = frozen(new Map([[element, node]]));
    set = union(set, node);
  }
  return set;
}

/** A node of these children, "." among them where the field itself is in the set. */
export function frozen(children: ReadonlyMap<string, FieldSet>): FieldSet {
  return Object.freeze(Object.fromEntries(children));
}

/** A "." alone is what a leaf says without it. */
const frozenNode = (children: ReadonlyMap<string, FieldSet>): FieldSet =>
  children.size === 1 && children.has(self) ? leaf : frozen(children);

function isLeaf(node: FieldSet): boolean {
  for (const _ in node) return false;
  return true;
}
