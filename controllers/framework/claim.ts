import type { KubeObject, OwnerReference } from "../../apimachinery/meta.js";
import { apiVersionOf } from "../../apimachinery/resource.js";
import {
  type LabelSelectorMatcher,
  type LabelSelectorObject,
  type Labels,
  matcherOf,
} from "../../apimachinery/selector/label.js";
import type { Target } from "../../client/client.js";
import { controllerOf } from "./cache.js";
import { type Action, patch } from "./plan.js";

export interface Claim<T> {
  /** What the owner has, those it is about to adopt included. */
  readonly owned: readonly T[];
  /** Adopts what matches and has no controller; releases what no longer matches. */
  readonly actions: readonly Action[];
}

/** Sorts candidates into those that belong to an owner by its selector and those that do not. */
export function claim<O extends KubeObject, T extends KubeObject>(
  owner: { readonly target: Target<O>; readonly object: O; readonly selector: LabelSelectorMatcher },
  target: Target<T>,
  candidates: readonly T[],
): Claim<T> {
  const { uid, deletionTimestamp } = owner.object.metadata;
  const owned: T[] = [];
  const actions: Action[] = [];
  for (const candidate of candidates) {
    const controller = controllerOf(candidate);
    const matches = owner.selector.matches(candidate.metadata.labels);
    if (controller) {
      if (controller.uid !== uid) continue;
      if (matches) owned.push(candidate);
      else if (deletionTimestamp === undefined) actions.push(release(uid, target, candidate));
      continue;
    }
    if (!matches || deletionTimestamp !== undefined || candidate.metadata.deletionTimestamp !== undefined) continue;
    owned.push(candidate);
    actions.push(adopt(owner, target, candidate));
  }
  return { owned, actions };
}

/** Whether a selector that some object carries matches; one that makes no sense matches nothing, and is its owner's trouble. */
export function matchesSelector(selector: LabelSelectorObject | undefined, labels: Labels | undefined): boolean {
  try {
    return matcherOf(selector).matches(labels);
  } catch {
    return false;
  }
}

/** The reference by which a child names the object that manages it. */
export const controllerReference = <O extends KubeObject>(target: Target<O>, { metadata }: O): OwnerReference => ({
  apiVersion: apiVersionOf(target),
  kind: target.kind,
  name: metadata.name,
  uid: metadata.uid,
  controller: true,
  blockOwnerDeletion: true,
});

const adopt = <O extends KubeObject, T extends KubeObject>(
  owner: { readonly target: Target<O>; readonly object: O },
  target: Target<T>,
  child: T,
): Action =>
  patch(target, child, {
    patchType: "merge",
    exact: true,
    body: {
      metadata: {
        ownerReferences: [...(child.metadata.ownerReferences ?? []), controllerReference(owner.target, owner.object)],
      },
    },
    livingOwner: { target: owner.target, object: owner.object },
  });

const release = <T extends KubeObject>(ownerUid: string, target: Target<T>, child: T): Action =>
  patch(target, child, {
    patchType: "merge",
    exact: true,
    body: {
      metadata: { ownerReferences: (child.metadata.ownerReferences ?? []).filter(({ uid }) => uid !== ownerUid) },
    },
  });
