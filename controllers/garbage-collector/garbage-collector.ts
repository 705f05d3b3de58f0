import type { KubeObject, OwnerReference } from "../../apimachinery/meta.js";
import type { ResourceRef } from "../../apimachinery/resource.js";
import { StatusError } from "../../apimachinery/status.js";
import { equal } from "../../base/equal.js";
import type { Lifecycle } from "../../base/lifecycle.js";
import { WorkQueue } from "../../base/work-queue.js";
import { createRecorder, type Recorder } from "../../client/events.js";
import type { InformerEvent } from "../../client/informer/store.js";
import { ownerIndex } from "../../client/informer/store.js";
import { Kinds, type WatchedKind } from "../../client/kinds.js";
import type { Controller, ControllerContext, Live } from "../framework/controller.js";
import { type Decision, Shell } from "../framework/shell.js";
import { collect, type Dependent, isOrphaning, isWaiting, type OwnerState } from "./collect.js";

/** Deletes objects whose owners are gone, over every kind that discovery knows, custom ones included. */
export const garbageCollector: Controller = {
  name: "garbage-collector",
  start: (context, lifecycle) => new Collector(context, lifecycle).start(lifecycle),
};

const workers = 20;
const retryUnknownMs = 30_000;
const retryUnseenMs = 1_000;
const livePageSize = 500;

/** Events have no owners, and they are many. */
const isCollected = ({ group, plural, verbs }: WatchedKind["resource"]): boolean =>
  plural !== "events" && group !== "events.k8s.io" && ["list", "watch", "delete"].every((verb) => verbs.includes(verb));

class Collector {
  readonly #context: ControllerContext;
  readonly #queue: WorkQueue;
  readonly #kinds: Kinds;
  readonly #recorder: Recorder;
  readonly #shell: Shell;

  constructor(context: ControllerContext, lifecycle: Lifecycle) {
    const { client, clock, informers, random } = context;
    const log = context.log.with({ controller: garbageCollector.name });
    this.#context = context;
    const observer = context.queueObserver?.(garbageCollector.name);
    this.#queue = new WorkQueue({ clock, ...(observer ? { observer } : {}) });
    const component = "garbage-collector-controller";
    this.#recorder = createRecorder({ client, component, clock, random, log, lifecycle });
    const onKind = (kind: WatchedKind): void => this.#follow(kind);
    this.#kinds = new Kinds({ client, informers, clock, log, wanted: isCollected, onKind });
    this.#shell = new Shell({
      name: garbageCollector.name,
      context,
      queue: this.#queue,
      hands: { client, recorder: this.#recorder, signal: lifecycle.signal },
      covering: ({ group, plural }) => this.#kinds.of(group, plural)?.informer,
      decide: (key, live) => this.#decide(key, live),
    });
  }

  start(lifecycle: Lifecycle): void {
    lifecycle.onStop(() => this.#queue.close());
    this.#kinds.run(lifecycle);
    lifecycle.run("controller garbage-collector", async (signal) => {
      await Promise.all(Array.from({ length: workers }, () => this.#shell.work(signal)));
    });
  }

  #follow({ resource, informer }: WatchedKind): void {
    informer.onEvent((event) => this.#wake(resource, event));
  }

  #wake(resource: ResourceRef, event: InformerEvent<KubeObject>): void {
    const { object } = event;
    if (event.type === "updated" && equal(standing(event.object), standing(event.old))) return;
    if (event.type !== "deleted" && concerns(object)) this.#queue.add(keyOf(resource, object));
    if (event.type === "deleted" || isWaiting(object)) {
      for (const dependent of this.#dependentsOf(object)) this.#queue.add(keyOf(dependent.resource, dependent.object));
    }
    const before = event.type === "updated" ? (event.old.metadata.ownerReferences ?? []) : [];
    for (const owner of [...before, ...(object.metadata.ownerReferences ?? [])]) this.#wakeOwner(owner);
  }

  /** An owner on its way out counts its dependents. */
  #wakeOwner(reference: OwnerReference): void {
    const owner = this.#cached(reference);
    if (owner && (isWaiting(owner.object) || isOrphaning(owner.object))) {
      this.#queue.add(keyOf(owner.resource, owner.object));
    }
  }

  async #decide(key: string, live: Live): Promise<Decision | undefined> {
    const [group = "", plural = "", namespace = "", name = ""] = JSON.parse(key) as readonly string[];
    const kind = this.#kinds.of(group, plural);
    const object = kind?.informer.get(namespace, name);
    if (!kind || !object || !concerns(object)) return undefined;
    // Who cannot see all dependents must not say that there are none.
    if ((isWaiting(object) || isOrphaning(object)) && !this.#kinds.isComplete) {
      return { plan: { actions: [], requeueAfterMs: retryUnknownMs / 30 } };
    }
    const owners = await Promise.all(
      (object.metadata.ownerReferences ?? []).map((owner) => this.#stateOf(owner, kind.resource, object, live)),
    );
    const known = this.#dependentsOf(object);
    // A dependent made just before may not be in the caches yet: once the owner is gone it would be taken for litter.
    const unseen = known.length === 0 && isOrphaning(object) ? await this.#liveDependentsOf(object, live) : [];
    const plan = collect(kind.resource, object, { owners, dependents: [...known, ...unseen] });
    // They may pass the caches by as what they are after this: no event would then bring the owner back.
    if (unseen.length > 0) return { plan: { ...plan, requeueAfterMs: retryUnseenMs } };
    return { plan: owners.includes("unknown") ? { ...plan, requeueAfterMs: retryUnknownMs } : plan };
  }

  #dependentsOf({ metadata: { uid, namespace } }: KubeObject): readonly Dependent[] {
    return this.#kinds.watched().flatMap(({ resource, informer }) =>
      informer
        .byIndex(ownerIndex, uid)
        // An owner with a namespace has its dependents there.
        .filter(({ metadata }) => namespace === undefined || metadata.namespace === namespace)
        .map((object) => ({ resource, object })),
    );
  }

  /** As the server says now, one kind after the other: it is asked once an owner, at its end. */
  async #liveDependentsOf({ metadata: { uid, namespace } }: KubeObject, live: Live): Promise<readonly Dependent[]> {
    const found: Dependent[] = [];
    for (const { resource } of this.#kinds.watched()) {
      if (namespace !== undefined && resource.scope === "Cluster") continue;
      let continueAt: string | undefined;
      do {
        const page = { limit: livePageSize, ...(continueAt ? { continue: continueAt } : {}) };
        const query = { ...page, ...(namespace === undefined ? {} : { namespace }) };
        const { items, metadata } = await live.client.metadata.list(resource, query, { signal: live.signal });
        for (const object of items) if (isOwnedBy(uid, object)) found.push({ resource, object });
        continueAt = metadata.continue;
      } while (continueAt);
    }
    return found;
  }

  #cached({ apiVersion, kind, uid }: OwnerReference): Dependent | undefined {
    const resource = this.#kinds.resourceOf(groupOf(apiVersion), kind);
    const object = resource && this.#kinds.of(resource.group, resource.plural)?.informer.byUid(uid);
    return object && { resource, object };
  }

  /** From the cache where it is there; that it is not there only the server can say. */
  async #stateOf(owner: OwnerReference, resource: ResourceRef, object: KubeObject, live: Live): Promise<OwnerState> {
    const { namespace } = object.metadata;
    const cached = this.#cached(owner);
    const isReachable = cached?.resource.scope === "Cluster" || cached?.object.metadata.namespace === namespace;
    if (cached && isReachable) return isWaiting(cached.object) ? "waiting" : "solid";
    const target = await this.#resourceOf(owner, live.signal);
    if (!target) return "unknown";
    if (target.scope === "Namespaced" && resource.scope === "Cluster") {
      this.#warn(owner, object, "cluster-scoped objects cannot have owners with a namespace");
      return "unknown";
    }
    const name = { name: owner.name, ...(target.scope === "Namespaced" ? { namespace: namespace ?? "" } : {}) };
    try {
      const found = await live.client.get(target, name, { signal: live.signal });
      if (found.metadata.uid === owner.uid) return isWaiting(found) ? "waiting" : "solid";
    } catch (error) {
      // A path that is not served answers 404 as well, but names no object.
      const isGone = error instanceof StatusError && error.reason === "NotFound" && error.details?.name === owner.name;
      if (!isGone) return "unknown";
    }
    if (cached) this.#warn(owner, object, `it does not exist in namespace ${JSON.stringify(namespace ?? "")}`);
    return "absent";
  }

  async #resourceOf({ apiVersion, kind }: OwnerReference, signal: AbortSignal): Promise<ResourceRef | undefined> {
    const group = groupOf(apiVersion);
    const known = this.#kinds.resourceOf(group, kind);
    if (known) return known;
    await this.#kinds.refresh(signal);
    return this.#kinds.resourceOf(group, kind);
  }

  #warn(owner: OwnerReference, about: KubeObject, why: string): void {
    const named = `${owner.apiVersion}/${owner.kind} ${JSON.stringify(owner.name)} (uid ${owner.uid})`;
    this.#context.log.debug("owner reference ignored", { owner: named, why });
    const message = `ownerRef ${named} is invalid: ${why}`;
    this.#recorder.record({ about, type: "Warning", reason: "OwnerRefInvalidNamespace", message });
  }
}

/** Only objects with owners, or on their way out under one of our finalizers, are worth a look. */
const concerns = (object: KubeObject): boolean =>
  (object.metadata.ownerReferences ?? []).length > 0 || isWaiting(object) || isOrphaning(object);

const isOwnedBy = (uid: string, { metadata }: KubeObject): boolean =>
  metadata.ownerReferences?.some((owner) => owner.uid === uid) ?? false;

const standing = ({ metadata: { ownerReferences, deletionTimestamp, finalizers } }: KubeObject): unknown => ({
  ownerReferences,
  deletionTimestamp,
  finalizers,
});

const groupOf = (apiVersion: string): string => (apiVersion.includes("/") ? (apiVersion.split("/")[0] ?? "") : "");

const keyOf = ({ group, plural }: ResourceRef, { metadata: { namespace = "", name } }: KubeObject): string =>
  JSON.stringify([group, plural, namespace, name]);
