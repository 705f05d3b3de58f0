import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { builtins } from "../../api/catalogue.js";
import { startApiServer } from "../../apiserver/apiserver.js";
import { openMemory } from "../../apiserver/storage/memory/memory.js";
import { systemClock } from "../../base/clock.js";
import { silentLog } from "../../base/log.js";
import { systemRandom } from "../../base/random.js";
import { ensurePki } from "../../base/tls.js";
import { writeKubeconfig } from "../../client/kubeconfig.js";

/** A whole API server over HTTPS on a free port, its store in memory, and an administrator's kubeconfig. */
export interface HttpsApi {
  readonly url: string;
  /** A folder of its own; `kubeconfig` lies in it. */
  readonly dir: string;
  readonly kubeconfig: string;
  close(): Promise<void>;
}

export async function openHttpsApi(): Promise<HttpsApi> {
  const dir = mkdtempSync(join(tmpdir(), "navarch-https-api-"));
  const pki = await ensurePki(join(dir, "pki"), {
    clock: systemClock,
    serverNames: ["localhost"],
    addresses: ["127.0.0.1"],
  });
  const storage = openMemory({ clock: systemClock });
  const agentClient = await pki.issueClient({ user: "kube-apiserver-kubelet-client" });
  const server = await startApiServer({
    storage,
    definitions: builtins,
    address: "127.0.0.1",
    port: 0,
    identity: pki.server,
    clientAuthorities: pki.caCertificate,
    serviceAccounts: { signingKey: pki.serviceAccountKey },
    agents: {
      identity: () => agentClient,
      authorities: pki.caCertificate,
      loopbackCidrs: ["127.64.0.0/10"],
    },
    serviceCidr: "10.96.0.0/16",
    version: "0.0.0",
    clock: systemClock,
    random: systemRandom,
    log: silentLog,
  });
  await server.ready();
  const kubeconfig = join(dir, "kubeconfig");
  const admin = await pki.issueClient({ user: "kubernetes-admin", groups: ["system:masters"] });
  await writeKubeconfig(kubeconfig, { server: server.url, caCertificate: pki.caCertificate, identity: admin });
  return {
    url: server.url,
    dir,
    kubeconfig,
    async close() {
      await server.close(1_000);
      await storage.close();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}
