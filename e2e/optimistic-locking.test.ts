import { setTimeout as sleep } from "node:timers/promises";
import { configMaps } from "../api/core/config-map.js";
import { StatusError } from "../apimachinery/status.js";
import type { Client } from "../client/client.js";
import { accessTo, type Cluster, startCluster, stopClusters } from "./harness/cluster.js";

const counter = { namespace: "default", name: "counter" };

describe("optimistic locking", () => {
  let cluster: Cluster;
  beforeAll(async () => {
    cluster = await startCluster();
  });
  afterAll(stopClusters);

  it("64 clients count one ConfigMap up 50 times each: 3,200", async () => {
    await cluster.client.create(configMaps, { metadata: counter, data: { count: "0" } });
    let conflicts = 0;
    const increment = async (client: Client): Promise<void> => {
      for (let attempt = 0; ; attempt++) {
        const read = await client.get(configMaps, counter);
        try {
          await client.update(configMaps, { ...read, data: { count: String(Number(read.data?.count) + 1) } });
          return;
        } catch (error) {
          if (!(error instanceof StatusError) || error.status.reason !== "Conflict") throw error;
          conflicts++;
          await sleep(Math.random() * Math.min(20 * 2 ** attempt, 1_500));
        }
      }
    };
    const clients = await Promise.all(Array.from({ length: 64 }, () => accessTo(cluster.kubeconfig)));
    await Promise.all(
      clients.map(async ({ client }) => {
        for (let done = 0; done < 50; done++) await increment(client);
      }),
    );
    expect((await cluster.client.get(configMaps, counter)).data).toEqual({ count: "3200" });
    // They did run into each other.
    expect(conflicts).toBeGreaterThan(100);
  }, 600_000);
});
