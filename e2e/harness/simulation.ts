import { X509Certificate } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Agent, startAgent } from "../../agent/agent.js";
import { sharedViews } from "../../agent/pod/pod-source.js";
import { simulatedNode } from "../../agent/runtime/simulated/node.js";
import { openMemory } from "../../apiserver/storage/memory/memory.js";
import { Lifecycle } from "../../base/lifecycle.js";
import { silentLog } from "../../base/log.js";
import { seededRandom } from "../../base/random.js";
import { Renewals } from "../../base/renewal.js";
import type { ClientSubject } from "../../base/tls.js";
import { VirtualClock } from "../../base/virtual-clock.js";
import type { Client } from "../../client/client.js";
import { createInformers } from "../../client/informer/informers.js";
import { createLocalTransport } from "../../client/local-transport.js";
import { createClient } from "../../client/rest.js";
import { simulatedRanges } from "../../main/addresses.js";
import { clusterPki, identities, nodeIdentity, openApiServer } from "../../main/api-server.js";
import { control, schedule } from "../../main/control-loops.js";

export interface Simulation {
  readonly clock: VirtualClock;
  /** Speaks as the cluster's admin. */
  readonly client: Client;
  /** Starts a simulated node and waits (in virtual time) until it has its addresses. */
  addNode(name: string): Promise<void>;
  /** The node falls silent, as if its power were cut. */
  loseNode(name: string): Promise<void>;
  stop(): Promise<void>;
}

const nodeSettleMs = 2_000;

/** A whole cluster in this process, from a seed, on a clock that moves only when told to. */
export async function startSimulation({ seed = 1 }: { readonly seed?: number } = {}): Promise<Simulation> {
  const clock = new VirtualClock();
  const random = seededRandom(seed);
  const surroundings = { clock, random, log: silentLog };
  const dir = mkdtempSync(join(tmpdir(), "navarch-simulation-"));
  const flags = {
    bindAddress: "127.0.0.1",
    securePort: 0,
    loopbackCidr: "127.64.0.0/10",
    defaultNotReadyTolerationSeconds: 300,
    defaultUnreachableTolerationSeconds: 300,
  };
  const pki = await clusterPki(join(dir, "pki"), flags, simulatedRanges, clock);
  const storage = openMemory({ clock });
  const renewals = new Renewals(surroundings);
  const server = await openApiServer({ flags, ranges: simulatedRanges, pki, storage, renewals }, surroundings);
  await server.ready();
  const clientOf = async (subject: ClientSubject): Promise<Client> => {
    const { certificate } = await pki.issueClient(subject);
    return createClient(
      createLocalTransport({ door: server.localDoor, certificate: new X509Certificate(certificate).raw }),
    );
  };
  const failures: unknown[] = [];
  const lifecycle = new Lifecycle((_, error) => failures.push(error));
  schedule(await clientOf(identities.scheduler), surroundings, lifecycle);
  control(await clientOf(identities["controller-manager"]), { podCidr: simulatedRanges.pods }, surroundings, lifecycle);
  const client = await clientOf(identities.admin);
  const informers = createInformers(client, surroundings);
  const viewOf = sharedViews(informers);
  const agents = new Map<string, Agent>();
  return {
    clock,
    client,
    async addNode(name) {
      const node = simulatedNode({ clock, random });
      const view = viewOf(name);
      const own = await clientOf(nodeIdentity(name));
      const options = { nodeName: name, client: own, dataDir: dir, version: "v1.36.0", view, ...surroundings, ...node };
      agents.set(name, await startAgent(options));
      await clock.advance(nodeSettleMs);
    },
    async loseNode(name) {
      await agents.get(name)?.stop();
      agents.delete(name);
    },
    async stop() {
      await Promise.all([...agents.values()].map((agent) => agent.stop()));
      await informers.stop();
      await lifecycle.stop();
      await server.close(0);
      await storage.close();
      rmSync(dir, { recursive: true, force: true });
      if (failures.length > 0) throw failures[0];
    },
  };
}
