import { configMaps } from "../../api/core/config-map.js";
import { secrets } from "../../api/core/secret.js";
import { VirtualClock } from "../../base/virtual-clock.js";
import type { Client, WatchEvent } from "../../client/client.js";
import { openWorkshop } from "../../e2e/harness/controllers.js";
import { garbageCollector } from "./garbage-collector.js";

/** Its lists are true; its watches of secrets tell nothing. */
function deafToSecrets(client: Client): Client {
  const watch: Client["watch"] = (target, query, signal) =>
    target.plural === "secrets" ? silence(signal) : client.watch(target, query, signal);
  return new Proxy(client, {
    get: (direct, property) => (property === "watch" ? watch : Reflect.get(direct, property, direct)),
  });
}

async function* silence(signal: AbortSignal): AsyncGenerator<WatchEvent<never>> {
  await new Promise((resolve) => signal.addEventListener("abort", resolve, { once: true }));
}

test("a dependent that no cache shows yet is orphaned too", async () => {
  const workshop = await openWorkshop(new VirtualClock(), [garbageCollector], { through: deafToSecrets });
  const { client } = workshop;
  await workshop.clock.advance(1_000);
  const place = (name: string) => ({ namespace: "default", name });
  const owner = await client.create(configMaps, { metadata: place("owner") });
  const { uid, name } = owner.metadata;
  await client.create(secrets, {
    metadata: { ...place("late"), ownerReferences: [{ apiVersion: "v1", kind: "ConfigMap", name, uid }] },
  });
  await client.delete(configMaps, place("owner"), { propagationPolicy: "Orphan" });
  const isGone = async (): Promise<boolean> =>
    (await client.list(configMaps, { namespace: "default" })).items.length === 0;
  await workshop.until("the owner is gone", isGone, 60_000);
  const late = await client.get(secrets, place("late"));
  expect(late.metadata.ownerReferences ?? []).toEqual([]);
  await workshop.stop();
});
