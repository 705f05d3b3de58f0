import type { KubeObject } from "../../apimachinery/meta.js";
import type { DraftOf, ResourceRef } from "../../apimachinery/resource.js";
import type { PatchType, Target } from "../../client/client.js";

/** What a controller decided: a value that can be printed, compared and carried out. */
export interface Plan<Status = never> {
  /** In the order in which they are begun, in batches that grow; what fails keeps those after it from being tried. */
  readonly actions: readonly Action[];
  /** The actions are about objects that have nothing to do with each other: one that fails keeps none from being tried. */
  readonly apart?: boolean;
  /** What the status of the reconciled object shall be; written only where it differs. */
  readonly status?: Status;
  /** The status instead, when an action failed. */
  readonly statusOnFailure?: (failure: Error) => Status;
  /** Look again after this long, whatever happens until then. */
  readonly requeueAfterMs?: number;
}

export type Action =
  | {
      readonly type: "create";
      readonly target: ResourceRef;
      readonly object: Draft;
      readonly report?: Report;
    }
  | {
      readonly type: "update";
      readonly target: ResourceRef;
      /** With the resourceVersion that was read: a conflict means that the cache is behind. */
      readonly object: KubeObject;
      readonly subresource?: string;
      readonly report?: Report;
    }
  | {
      readonly type: "patch";
      readonly target: ResourceRef;
      /** Whom to patch: its uid is a precondition, its resourceVersion where `exact`. */
      readonly object: KubeObject;
      readonly patchType: Exclude<PatchType, "json" | "apply">;
      readonly body: Readonly<Record<string, unknown>> & { readonly metadata?: object };
      readonly exact?: boolean;
      readonly subresource?: string;
      /** A live read must find this owner, with its uid and not being deleted. */
      readonly livingOwner?: { readonly target: ResourceRef; readonly object: KubeObject };
      readonly report?: Report;
    }
  | {
      readonly type: "delete";
      readonly target: ResourceRef;
      /** Whom to delete: its uid is a precondition, its resourceVersion where `exact`. */
      readonly object: KubeObject;
      readonly exact?: boolean;
      readonly gracePeriodSeconds?: number;
      readonly propagationPolicy?: "Background" | "Foreground" | "Orphan";
      readonly report?: Report;
    }
  | {
      readonly type: "deleteCollection";
      readonly target: ResourceRef;
      readonly namespace: string;
    }
  | {
      readonly type: "event";
      readonly about: KubeObject;
      readonly eventType: "Normal" | "Warning";
      readonly reason: string;
      readonly message: string;
    };

export type Draft = { readonly metadata: { readonly name?: string; readonly namespace?: string } };

/** The events that tell of an action; `{name}` and `{error}` stand for what is known only afterwards. */
export interface Report {
  readonly about: KubeObject;
  readonly done?: { readonly reason: string; readonly message: string };
  readonly failed?: { readonly reason: string; readonly message: string };
}

export const nothing: Plan = { actions: [] };

export const create = <T extends KubeObject>(target: Target<T>, object: DraftOf<T>, report?: Report): Action => ({
  type: "create",
  target,
  object: object as Draft,
  ...(report ? { report } : {}),
});

export const update = <T extends KubeObject>(target: Target<T>, object: T, report?: Report): Action => ({
  type: "update",
  target,
  object,
  ...(report ? { report } : {}),
});

export const updateStatus = <T extends KubeObject>(target: Target<T>, object: T): Action => ({
  type: "update",
  target,
  object,
  subresource: "status",
});

type PatchAction = Extract<Action, { readonly type: "patch" }>;
export const patch = <T extends KubeObject>(
  target: Target<T>,
  object: T,
  options: Omit<PatchAction, "type" | "target" | "object">,
): Action => ({ type: "patch", target, object, ...options });

type DeleteAction = Extract<Action, { readonly type: "delete" }>;
export const remove = <T extends KubeObject>(
  target: Target<T>,
  object: T,
  options: Omit<DeleteAction, "type" | "target" | "object"> = {},
): Action => ({ type: "delete", target, object, ...options });

export const event = (about: KubeObject, eventType: "Normal" | "Warning", reason: string, message: string): Action => ({
  type: "event",
  about,
  eventType,
  reason,
  message,
});
