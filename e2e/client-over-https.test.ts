import { deployments } from "../api/apps/deployment.js";
import { builtins } from "../api/catalogue.js";
import { type ConfigMap, configMaps } from "../api/core/config-map.js";
import { events } from "../api/core/event.js";
import { namespaces } from "../api/core/namespace.js";
import { pods } from "../api/core/pod/pod.js";
import { type ApiServer, startApiServer } from "../apiserver/apiserver.js";
import { startTestServer, type TestServer } from "../apiserver/apiserver.test-kit.js";
import { openMemory } from "../apiserver/storage/memory/memory.js";
import type { Storage } from "../apiserver/storage/storage.js";
import { systemClock } from "../base/clock.js";
import { Lifecycle } from "../base/lifecycle.js";
import { silentLog } from "../base/log.js";
import { systemRandom } from "../base/random.js";
import type { Client } from "../client/client.js";
import { createHttpsTransport } from "../client/https-transport.js";
import { createInformers } from "../client/informer/informers.js";
import { createClient } from "../client/rest.js";
import type { Transport } from "../client/transport.js";
import { allControllers } from "../controllers/catalogue.js";
import { runControllers } from "../controllers/framework/run-controllers.js";
import { eventually } from "./harness/run.js";

let storage: Storage;
let kit: TestServer;
const open: { close(): void | Promise<void> }[] = [];
beforeEach(async () => {
  storage = openMemory({ clock: systemClock });
  kit = await startTestServer({ storage });
});
afterEach(async () => {
  for (const each of open.splice(0).toReversed()) await each.close();
  await kit.stop();
});

async function clientOf(
  user: string,
  groups: readonly string[] = [],
  port = kit.server.port,
): Promise<{ client: Client; transport: Transport }> {
  const { certificate, key } = await kit.identity({ user, groups });
  const tls = { ca: kit.pki.caCertificate, certificate, key };
  const transport = createHttpsTransport({ server: `https://127.0.0.1:${port}`, tls });
  open.push(transport);
  return { client: createClient(transport), transport };
}
const admin = () => clientOf("admin", ["system:masters"]);

test("with the least rights that they need, the controllers keep a cluster in order over HTTPS", async () => {
  const { client } = await clientOf("system:kube-controller-manager");
  const refused: string[] = [];
  const log = {
    ...silentLog,
    warn: (message: string, fields?: object) => void refused.push(JSON.stringify({ message, ...fields })),
    with: () => log,
  };
  const informers = createInformers(client, { clock: systemClock, log });
  const lifecycle = new Lifecycle((name, error) => refused.push(`${name}: ${String(error)}`));
  open.push({ close: () => lifecycle.stop() }, { close: () => informers.stop() });
  const controllers = allControllers({ podCidr: "10.244.0.0/16", rootCaCertificate: kit.pki.caCertificate });
  runControllers(controllers, { client, informers, clock: systemClock, random: systemRandom, log }, lifecycle);

  const { client: user } = await admin();
  await user.create(namespaces, { metadata: { name: "team" } });
  const labels = { app: "web" };
  await eventually(
    "the namespace is furnished",
    async () => (await user.list(configMaps, { namespace: "team" })).items[0],
  );
  await user.create(deployments, {
    metadata: { name: "web", namespace: "team" },
    spec: {
      replicas: 3,
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { containers: [{ name: "x", image: "x" }] } },
    },
  });
  await eventually(
    "three pods",
    async () => (await user.list(pods, { namespace: "team" })).items.length === 3 || undefined,
  );
  await eventually(
    "events tell of them",
    async () => (await user.list(events, { namespace: "team" })).items.length >= 4 || undefined,
  );
  await user.delete(namespaces, { name: "team" });
  await eventually("the namespace is gone", () =>
    user.get(namespaces, { name: "team" }).then(
      () => undefined,
      (error) => error.reason === "NotFound" || undefined,
    ),
  );
  expect(refused.filter((line) => /forbidden|Forbidden|assertion/.test(line))).toEqual([]);
});

test("an informer outlives its server: after a restart on the same port it goes on without gap or repeat", async () => {
  const { client } = await admin();
  await client.create(namespaces, { metadata: { name: "default" } }).catch(() => undefined);
  const informers = createInformers(client, { clock: systemClock, log: silentLog });
  open.push({ close: () => informers.stop() });
  const informer = informers.for<ConfigMap>(configMaps, { namespace: "default" });
  const told: string[] = [];
  informer.onEvent(({ type, object }) => told.push(`${type} ${object.metadata.name}`));
  await informers.synced();
  const put = (name: string, by: Client) => by.create(configMaps, { metadata: { name, namespace: "default" } });
  await put("before", client);
  await eventually("it is seen", () => informer.get("default", "before"));
  const { port } = kit.server;
  const agentClient = await kit.identity({ user: "kube-apiserver-kubelet-client" });
  const serve = (onPort: number): Promise<ApiServer> =>
    startApiServer({
      storage,
      definitions: builtins,
      address: "127.0.0.1",
      port: onPort,
      identity: kit.pki.server,
      clientAuthorities: kit.pki.caCertificate,
      serviceAccounts: { signingKey: kit.pki.serviceAccountKey },
      agents: { identity: () => agentClient, authorities: kit.pki.caCertificate, loopbackCidrs: [] },
      serviceCidr: "10.96.0.0/16",
      version: "0.0.0",
      clock: systemClock,
      random: systemRandom,
      log: silentLog,
    });
  const other = await serve(0);
  open.push({ close: () => other.close(0) });
  await kit.server.close(0);
  const { client: elsewhere } = await clientOf("admin", ["system:masters"], other.port);
  await put("meanwhile", elsewhere);
  await elsewhere.delete(configMaps, { namespace: "default", name: "before" });
  const again = await serve(port);
  open.push({ close: () => again.close(0) });
  await eventually("all is seen", () => informer.get("default", "meanwhile"));
  await put("after", client);
  await eventually("what came later is seen", () => informer.get("default", "after"));
  expect(told).toEqual(["added before", "added meanwhile", "deleted before", "added after"]);
});
