import type { KubeObject, OwnerReference } from "../../apimachinery/meta.js";
import { groupResourceOf, type ResourceRef } from "../../apimachinery/resource.js";
import { assert } from "../../base/assert.js";
import type { Target } from "../../client/client.js";
import type { Informer } from "../../client/informer/informer.js";
import type { Informers } from "../../client/informer/informers.js";
import { type IndexFunction, ownerIndex } from "../../client/informer/store.js";

/** What a controller observes: the caches of the resources that it declared, and of no others. */
export class Cache {
  readonly #informers = new Map<string, Informer<never>>();
  readonly #source: Informers;

  constructor(informers: Informers, resources: readonly ResourceRef[]) {
    this.#source = informers;
    for (const resource of resources) {
      const informer = informers.for(resource);
      informer.addIndex(orphanIndex, ({ metadata }) =>
        controllerOf({ metadata }) === undefined ? [metadata.namespace ?? ""] : [],
      );
      this.#informers.set(keyOf(resource), informer as unknown as Informer<never>);
    }
  }

  /** The informer behind a declared resource. */
  informer<T extends KubeObject>(target: Target<T>): Informer<T> {
    assert(
      this.#informers.has(keyOf(target)),
      `the controller did not declare that it reads ${groupResourceOf(target)}`,
    );
    return this.#source.for(target);
  }

  /** Undefined where the controller does not cover the resource. */
  covering(resource: ResourceRef): Informer<KubeObject> | undefined {
    return this.#informers.has(keyOf(resource)) ? this.#source.for<KubeObject>(resource) : undefined;
  }

  all(): readonly Informer<never>[] {
    return [...this.#informers.values()];
  }

  get<T extends KubeObject>(target: Target<T>, namespace: string, name: string): T | undefined {
    return this.informer(target).get(namespace, name);
  }

  /** Everything, or one namespace. */
  list<T extends KubeObject>(target: Target<T>, namespace?: string): readonly T[] {
    return this.informer(target).list(namespace);
  }

  byIndex<T extends KubeObject>(target: Target<T>, index: string, value: string): readonly T[] {
    return this.informer(target).byIndex(index, value);
  }

  /** What names this object as its controller. */
  owned<T extends KubeObject>(target: Target<T>, { metadata: { uid } }: KubeObject): readonly T[] {
    return this.byIndex(target, ownerIndex, uid).filter((object) => controllerOf(object)?.uid === uid);
  }

  /** What names this object as its controller, and what in its namespace has none. */
  claimable<T extends KubeObject>(target: Target<T>, owner: KubeObject): readonly T[] {
    return [...this.owned(target, owner), ...this.byIndex(target, orphanIndex, owner.metadata.namespace ?? "")];
  }
}

/** The owner that manages an object. */
export const controllerOf = ({
  metadata,
}: {
  readonly metadata: Pick<KubeObject["metadata"], "ownerReferences">;
}): OwnerReference | undefined => metadata.ownerReferences?.find(({ controller }) => controller === true);

/** Objects without a managing owner, by namespace. */
const orphanIndex = "orphan";

/** An index that a controller needs beyond those that every informer has. */
export interface DeclaredIndex {
  readonly on: ResourceRef;
  readonly name: string;
  readonly values: IndexFunction<KubeObject>;
}

export const index = <T extends KubeObject>(on: Target<T>, name: string, values: IndexFunction<T>): DeclaredIndex => ({
  on,
  name,
  values: values as IndexFunction<KubeObject>,
});

const keyOf = ({ group, version, plural }: ResourceRef): string => `${group}/${version}/${plural}`;
