import type { KubeObject } from "../../apimachinery/meta.js";
import type { StorageAndCache } from "./core.js";

/** What one resource needs of the registry beyond its definition: effects and holds that a definition cannot state. */
export interface Strategy<T extends KubeObject = KubeObject> {
  /** After the definition's own `prepare`, before admission. `old` is there on update; not called for status. */
  prepare?(object: T, old: T | undefined): T;
  /** Takes what the object needs outside its own key, last thing before it is stored. A dry run takes nothing. */
  reserve?(write: ReserveRequest<T>): Promise<Reservation<T>>;
  /** Gives back what a deleted object held. */
  release?(object: T, core: StorageAndCache): Promise<void>;
  /** Something besides metadata.finalizers keeps a deleted object. */
  isHeld?(object: T): boolean;
  /** What else changes when the deletion of an object begins. */
  beginDeletion?(object: T): T;
  /** DELETE answers the object that is gone, not a Status. */
  readonly answersDeleted?: boolean;
}

export interface ReserveRequest<T extends KubeObject> {
  readonly object: T;
  readonly old: T | undefined;
  readonly dryRun: boolean;
  readonly core: StorageAndCache;
}

export interface Reservation<T extends KubeObject> {
  readonly object: T;
  /** Called once with what became of the write: keeps or gives back. */
  settle(stored: boolean): Promise<void>;
}

/** Resource (`services`, `deployments.apps`) to what is special about it; absent is the usual. */
export type Strategies = Readonly<Record<string, Strategy>>;
