import type { ResourceDefinition } from "../../apimachinery/resource.js";
import type { Clock } from "../../base/clock.js";
import type { Logger } from "../../base/log.js";
import type { Random } from "../../base/random.js";
import type { Admission } from "../admission/admission.js";
import type { User } from "../request.js";
import type { Storage } from "../storage/storage.js";
import type { WatchCache } from "../storage/watch-cache.js";
import type { Kinds } from "./kinds.js";
import type { Strategy } from "./strategy.js";
import type { Turns } from "./turns.js";

/** The store and what is known of it. */
export interface StorageAndCache {
  readonly storage: Storage;
  readonly cache: WatchCache;
  readonly random: Random;
  readonly log: Logger;
}

/** What every operation of the registry needs. */
export interface RegistryCore extends StorageAndCache {
  readonly clock: Clock;
  readonly turns: Turns;
  readonly admission: Admission;
  readonly kinds: Kinds;
  /** What is special about a resource beyond its definition. */
  readonly strategyOf: (definition: ResourceDefinition) => Strategy;
}

/** On whose behalf a write happens, and how. */
export interface WriteOptions {
  readonly user: User;
  /** The version in which the object was written, where that is not the stored one. */
  readonly served?: ResourceDefinition;
  /** Under what name metadata.managedFields keeps the fields that the write changes. */
  readonly manager?: string;
  /** The object comes with its metadata.managedFields already kept: it was applied. */
  readonly isApplied?: boolean;
  readonly dryRun?: boolean;
  readonly warn?: (text: string) => void;
  readonly signal?: AbortSignal;
}
