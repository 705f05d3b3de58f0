import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { builtins } from "../api/catalogue.js";
import { systemClock } from "../base/clock.js";
import { silentLog } from "../base/log.js";
import { systemRandom } from "../base/random.js";
import { type ClientSubject, ensurePki, type Identity, type Pki } from "../base/tls.js";
import { type ApiServer, type ApiServerOptions, startApiServer } from "./apiserver.js";
import { openMemory } from "./storage/memory/memory.js";

/** A whole API server on a free port, with certificates of its own and an empty store. */
export interface TestServer {
  readonly server: ApiServer;
  readonly pki: Pki;
  identity(subject: ClientSubject): Promise<Identity>;
  stop(): Promise<void>;
}

export async function startTestServer(options: Partial<ApiServerOptions> = {}): Promise<TestServer> {
  const dir = await mkdtemp(join(tmpdir(), "apiserver-"));
  const pki = await ensurePki(dir, { clock: systemClock, serverNames: ["localhost"], addresses: ["127.0.0.1"] });
  const storage = await openMemory({ clock: systemClock });
  const agentClient = await pki.issueClient({ user: "kube-apiserver-kubelet-client" });
  const server = await startApiServer({
    storage,
    definitions: builtins,
    address: "127.0.0.1",
    port: 0,
    identity: pki.server,
    clientAuthorities: pki.caCertificate,
    serviceAccounts: { signingKey: pki.serviceAccountKey },
    agents: { identity: agentClient, authorities: pki.caCertificate, loopbackCidrs: ["127.64.0.0/10"] },
    serviceCidr: "10.96.0.0/16",
    version: "0.0.0",
    clock: systemClock,
    random: systemRandom,
    log: silentLog,
    ...options,
  });
  await server.ready();
  return {
    server,
    pki,
    identity: (subject) => pki.issueClient(subject),
    async stop() {
      await server.close(1_000);
      await storage.close();
      await rm(dir, { recursive: true });
    },
  };
}
