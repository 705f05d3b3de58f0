import { namespaces } from "../../api/core/namespace.js";
import { pods } from "../../api/core/pod/pod.js";
import type { PodStatus } from "../../api/core/pod/status.js";
import { systemClock } from "../../base/clock.js";
import { silentLog } from "../../base/log.js";
import type { Client } from "../../client/client.js";
import { type LocalApi, openLocalApi } from "../../e2e/harness/local-api.js";
import { eventually } from "../eventually.test-kit.js";
import { StatusWriter } from "./status-writer.js";

let api: LocalApi;
beforeEach(async () => {
  api = await openLocalApi();
  await api.client.create(namespaces, { metadata: { name: "default" } });
});
afterEach(() => api.close());

const phase = (reason: string): PodStatus => ({ phase: "Pending", reason });

test("a status that comes just as another was written is written, too", async () => {
  for (let turns = 0; turns < 12; turns++) {
    const name = `p${turns}`;
    const pod = await api.client.create(pods, {
      metadata: { name, namespace: "default" },
      spec: { containers: [{ name: "main", image: "x" }] },
    });
    const client: Client = Object.create(api.client, {
      update: {
        value: async (...args: Parameters<Client["update"]>) => {
          const written = await api.client.update(...args);
          void afterTurns(turns).then(() => writer.write(phase("second")));
          return written;
        },
      },
    });
    const ending = new AbortController();
    const writer = new StatusWriter(pod, { client, clock: systemClock, log: silentLog, signal: ending.signal });
    writer.write(phase("first"));
    await eventually(async () => {
      const { status } = await api.client.get(pods, { namespace: "default", name });
      if (status?.reason !== "second") throw new Error(`after ${turns} turns: ${status?.reason}`);
    });
    ending.abort();
  }
});

async function afterTurns(turns: number): Promise<void> {
  for (let turn = 0; turn < turns; turn++) await undefined;
}
