import type { KubeObject } from "../../apimachinery/meta.js";
import { systemClock } from "../../base/clock.js";
import { silentLog } from "../../base/log.js";
import type { Client, ListQuery, Target } from "../../client/client.js";
import { createInformers } from "../../client/informer/informers.js";

export interface Recording<T extends KubeObject> {
  /** What the informer told, per object: versions in the order they were seen, and how it ended. */
  readonly seen: ReadonlyMap<string, readonly string[]>;
  /** What it believes to exist now. */
  current(): readonly T[];
  /** An object that was told of twice, or whose versions went back. */
  readonly faults: readonly string[];
  stop(): Promise<void>;
}

/** Follows a resource as a controller does, across whatever happens to the server. */
export async function record<T extends KubeObject>(
  client: Client,
  target: Target<T>,
  query: Pick<ListQuery, "namespace" | "labelSelector">,
): Promise<Recording<T>> {
  const informers = createInformers(client, { clock: systemClock, log: silentLog });
  const informer = informers.for(target, query);
  const seen = new Map<string, string[]>();
  const faults: string[] = [];
  informer.onEvent(({ type, object: { metadata } }) => {
    const versions = seen.get(metadata.name) ?? [];
    seen.set(metadata.name, versions);
    if (type === "added" && versions.length > 0) faults.push(`${metadata.name} came twice`);
    if (Number(metadata.resourceVersion) <= Number(versions.at(-1) ?? 0))
      faults.push(`${metadata.name} went from version ${versions.at(-1)} to ${metadata.resourceVersion}`);
    versions.push(metadata.resourceVersion);
  });
  await informers.synced();
  return { seen, faults, current: () => informer.list(), stop: () => informers.stop() };
}
