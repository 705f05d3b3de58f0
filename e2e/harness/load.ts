import { get } from "node:http";
import { replicaSets } from "../../api/apps/replicaset.js";
import { isReady } from "../../api/core/pod/conditions.js";
import { type Pod, pods } from "../../api/core/pod/pod.js";
import { systemClock } from "../../base/clock.js";
import { silentLog } from "../../base/log.js";
import type { Client } from "../../client/client.js";
import { createInformers } from "../../client/informer/informers.js";

export interface Load {
  readonly answered: number;
  readonly failures: readonly string[];
  /** Pods ready and not ending, at the worst moment. */
  readonly fewestReady: number;
  /** Pods that the ReplicaSets were told to have together, at the fullest: a pod on its way out may still be there. */
  readonly mostWanted: number;
  stop(): Promise<void>;
}

/** Asks the pods that a watch says are Ready, one after the other, as a proxy with fresh endpoints would. */
export async function startLoad(
  client: Client,
  {
    labelSelector,
    port,
    clients = 4,
  }: { readonly labelSelector: string; readonly port: number; readonly clients?: number },
): Promise<Load> {
  const informers = createInformers(client, { clock: systemClock, log: silentLog });
  const informer = informers.for(pods, { namespace: "default", labelSelector });
  const sets = informers.for(replicaSets, { namespace: "default", labelSelector });
  await informers.synced();
  const wanted = (): number => sets.list().reduce((sum, { spec }) => sum + spec.replicas, 0);
  const ready = (): readonly Pod[] =>
    informer.list().filter((pod) => isReady(pod) && pod.metadata.deletionTimestamp === undefined);
  const load = { answered: 0, failures: [] as string[], fewestReady: ready().length, mostWanted: wanted() };
  informer.onEvent(() => {
    load.fewestReady = Math.min(load.fewestReady, ready().length);
  });
  sets.onEvent(() => {
    load.mostWanted = Math.max(load.mostWanted, wanted());
  });
  let running = true;
  const ask = async (start: number): Promise<void> => {
    for (let turn = start; running; turn++) {
      const targets = ready();
      const pod = targets[turn % targets.length];
      if (!pod) load.failures.push("no pod was ready");
      else {
        const said = await request(`http://${pod.status?.podIP}:${port}/`).catch((error: unknown) => String(error));
        if (said === `${pod.metadata.name}\n`) load.answered++;
        else load.failures.push(`${pod.metadata.name}: ${said}`);
      }
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  };
  const asking = Array.from({ length: clients }, (_, start) => ask(start));
  return Object.assign(load, {
    async stop() {
      running = false;
      await Promise.all(asking);
      await informers.stop();
    },
  });
}

/** A connection of its own each time. */
function request(url: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const sent = get(url, { agent: false, timeout: 5_000 }, (response) => {
      let text = "";
      response.setEncoding("utf8").on("data", (part: string) => {
        text += part;
      });
      response.on("end", () => resolve(text));
      response.on("error", reject);
    });
    sent.on("timeout", () => sent.destroy(new Error("no answer within 5 s")));
    sent.on("error", reject);
  });
}
