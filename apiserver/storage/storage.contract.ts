import { describeModel } from "./storage.contract-model.js";
import { describeReads } from "./storage.contract-reads.js";
import { describeWatches } from "./storage.contract-watch.js";
import type { Storage } from "./storage.js";

export interface Backend {
  readonly name: string;
  /** An empty store, or one of which everything under the prefix that the suite makes up is empty. */
  open(): Promise<Storage>;
  /** Waits until the time to live of a key that was written with this one is over. */
  passTtl(seconds: number): Promise<void>;
  /** Random histories compared with the model; fewer where a write costs a round trip. */
  readonly modelRuns: number;
}

/** What every backend has to keep. Call it inside a `describe`. */
export function describeStorage(backend: Backend): void {
  describeReads(backend);
  describeWatches(backend);
  describeModel(backend);
}
