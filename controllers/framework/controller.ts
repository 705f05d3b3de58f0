import type { KubeObject } from "../../apimachinery/meta.js";
import type { ResourceDefinition, ResourceRef } from "../../apimachinery/resource.js";
import type { Clock } from "../../base/clock.js";
import type { Lifecycle } from "../../base/lifecycle.js";
import type { Logger } from "../../base/log.js";
import type { Random } from "../../base/random.js";
import type { WorkQueueObserver } from "../../base/work-queue.js";
import type { Client } from "../../client/client.js";
import type { Informers } from "../../client/informer/informers.js";
import { keyOf } from "../../client/informer/store.js";
import { type Cache, controllerOf, type DeclaredIndex } from "./cache.js";
import type { Action, Plan } from "./plan.js";
import { runShell } from "./shell.js";

/** What a controller is given to run with. */
export interface ControllerContext {
  readonly client: Client;
  readonly informers: Informers;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  /** Told of every key worked on: for metrics. */
  readonly onOutcome?: (controller: string, outcome: ControllerOutcome, durationMs: number) => void;
  /** Told of the keys of the queue of this name: for metrics. */
  readonly queueObserver?: (controller: string) => WorkQueueObserver;
}
export type ControllerOutcome = "done" | "failed" | "assertion";

/** A line of the catalogue. */
export interface Controller {
  readonly name: string;
  /** Starts it; it ends with the lifecycle. */
  readonly start: (context: ControllerContext, lifecycle: Lifecycle) => void;
}

/** Time as a reconcile function sees it. */
export interface Now {
  readonly nowMs: number;
}

/** What a controller may look at beside its caches, for the rare decision that needs a live read. */
export interface Live {
  readonly client: Client;
  readonly signal: AbortSignal;
  readonly nowMs: number;
}

/** A resource whose changes wake keys: those of the objects that the answer names. */
export interface Watch {
  readonly on: ResourceRef;
  readonly keys: (object: KubeObject, cache: Cache) => readonly string[];
}

export const watch = <T extends KubeObject>(
  on: ResourceDefinition<T>,
  keys: (object: T, cache: Cache) => readonly string[],
): Watch => ({ on, keys: keys as Watch["keys"] });

type StatusOf<T> = T extends { readonly status?: infer S } ? Exclude<S, undefined> : never;

export interface ControllerInput<T extends KubeObject, Observed> {
  readonly name: string;
  /** Source of its events, where Kubernetes calls it otherwise than `NAME-controller`. */
  readonly component?: string;
  /** A key stands for one object of this resource. */
  readonly reconciles: ResourceDefinition<T>;
  /** Resources whose objects name theirs as their controller: changes wake the owner. */
  readonly owns?: readonly ResourceRef[];
  readonly watches?: readonly Watch[];
  /** Resources that are read without waking anything. */
  readonly reads?: readonly ResourceRef[];
  readonly indexes?: readonly DeclaredIndex[];
  readonly observe: (object: T, cache: Cache, live: Live) => Observed | Promise<Observed>;
  readonly reconcile: (object: T, observed: Observed, now: Now) => Plan<StatusOf<T>>;
  /** What is left to do for a key whose object is gone. */
  readonly reconcileAbsent?: (key: string, cache: Cache) => readonly Action[];
  /** Keys worked on at a time: 5 unless said. */
  readonly concurrency?: number;
}

/** A controller of the usual kind: one key, one object, one pure decision. */
export function defineController<T extends KubeObject, Observed>(input: ControllerInput<T, Observed>): Controller {
  const { name, reconciles, owns = [], watches = [], reads = [], indexes = [], observe, reconcile } = input;
  return {
    name,
    start: (context, lifecycle) =>
      runShell(
        {
          name,
          component: input.component ?? `${name}-controller`,
          resources: [reconciles, ...owns, ...watches.map(({ on }) => on), ...reads],
          indexes,
          concurrency: input.concurrency ?? defaultConcurrency,
          watches: [
            watch(reconciles, (object) => [keyOf(object)]),
            ...owns.map((on): Watch => ({ on, keys: (object) => keyOfController(object, reconciles) })),
            ...watches,
          ],
          decide: async (key, cache, live) => {
            const object = cache.informer(reconciles).getByKey(key);
            if (!object) return { plan: { actions: input.reconcileAbsent?.(key, cache) ?? [] } };
            const observed = await observe(object, cache, live);
            return { plan: reconcile(object, observed, live), subject: { target: reconciles, object } };
          },
        },
        context,
        lifecycle,
      ),
  };
}

export interface SweepInput<Observed> {
  readonly name: string;
  readonly component?: string;
  /** Any change of these starts a sweep. */
  readonly watches?: readonly ResourceRef[];
  readonly reads?: readonly ResourceRef[];
  readonly indexes?: readonly DeclaredIndex[];
  /** A sweep starts this often in any case. */
  readonly everyMs?: number;
  readonly observe: (cache: Cache, live: Live) => Observed | Promise<Observed>;
  readonly reconcile: (observed: Observed, now: Now) => Plan;
}

/** A controller whose decision is about all objects together: it has one key, yet a bad object keeps none of the others waiting. */
export function defineSweep<Observed>(input: SweepInput<Observed>): Controller {
  const { name, watches = [], reads = [], indexes = [], observe, reconcile, everyMs } = input;
  return {
    name,
    start: (context, lifecycle) =>
      runShell(
        {
          name,
          component: input.component ?? `${name}-controller`,
          resources: [...watches, ...reads],
          indexes,
          concurrency: 1,
          watches: watches.map((on): Watch => ({ on, keys: () => [sweepKey] })),
          initialKeys: [sweepKey],
          decide: async (_key, cache, live) => {
            const plan: Plan = { apart: true, ...reconcile(await observe(cache, live), live) };
            return { plan: everyMs === undefined ? plan : { requeueAfterMs: everyMs, ...plan } };
          },
        },
        context,
        lifecycle,
      ),
  };
}

const sweepKey = "all";
const defaultConcurrency = 5;

function keyOfController(object: KubeObject, owner: ResourceDefinition): readonly string[] {
  const reference = controllerOf(object);
  const group = reference?.apiVersion.includes("/") ? reference.apiVersion.split("/")[0] : "";
  if (!reference || reference.kind !== owner.kind || group !== owner.group) return [];
  return [object.metadata.namespace === undefined ? reference.name : `${object.metadata.namespace}/${reference.name}`];
}
