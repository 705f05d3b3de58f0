import { X509Certificate } from "node:crypto";
import { connect as connectTls, type TLSSocket } from "node:tls";
import { loadConnection } from "../client/kubeconfig.js";
import { type Access, readText, startCluster, stopClusters } from "./harness/cluster.js";
import { type Components, startComponents } from "./harness/components.js";
import { describeWith } from "./harness/needs.js";
import { eventually } from "./harness/run.js";

/** So short that every certificate of the start is over before the test is: what works then works by renewed ones. */
const life = "12s";
const patient = { timeoutMs: 60_000, everyMs: 500 };

interface Tls {
  readonly ca: string;
  readonly certificate: string;
  readonly key: string;
}
const endOf = (pem: string): number => Date.parse(new X509Certificate(pem).validTo);
const adminOf = async ({ kubeconfig }: Access): Promise<Tls> => (await loadConnection(kubeconfig)).tls as Tls;

/** A connection of its own as somebody, kept open. */
function dial({ url }: Access, { ca, certificate, key }: Tls): Promise<TLSSocket> {
  const { hostname: host, port } = new URL(url);
  return new Promise((resolve, reject) => {
    const tls = { host, port: Number(port), ca, cert: certificate, key };
    const socket = connectTls(tls, () => resolve(socket));
    socket.once("error", reject);
  });
}

/** The code of the answer to one more request on the connection. */
function ask(socket: TLSSocket, path: string): Promise<number> {
  return new Promise((resolve, reject) => {
    socket.once("data", (data) => resolve(Number(/^HTTP\/1\.1 (\d+)/.exec(data.toString())?.[1])));
    socket.once("error", reject);
    socket.once("close", () => reject(new Error("the connection was closed")));
    socket.write(`GET ${path} HTTP/1.1\r\nhost: x\r\n\r\n`);
  });
}

async function servedAs(access: Access, tls: Tls): Promise<number> {
  const socket = await dial(access, tls);
  try {
    return await ask(socket, "/api/v1/namespaces/default");
  } finally {
    socket.destroy();
  }
}

/** All that the parts of a cluster do for one another: a Deployment becomes pods on the node, whose logs are read back. */
async function works(access: Access, name: string): Promise<void> {
  const { ok } = access;
  await eventually(
    `the deployment ${name} is made`,
    async () => (await ok(["create", "deployment", name, "--image=my-app:latest"])) !== "",
    patient,
  );
  await eventually(
    `the deployment ${name} runs`,
    async () => (await ok(["get", "deployment", name, "-o", "jsonpath={.status.readyReplicas}"])) === "1",
    patient,
  );
  await eventually(
    "its log is read",
    async () => (await ok(["logs", `deployment/${name}`])).includes("http://"),
    patient,
  );
}

describe("certificates that end while a cluster runs", () => {
  afterAll(() => stopClusters());

  it("are renewed in time; a connection of before lives, and speaks for nobody once its certificate is over", async () => {
    const cluster = await startCluster({ flags: ["--cluster-signing-duration", life] });
    const first = await adminOf(cluster);
    const old = await dial(cluster, first);
    const shown = old.getPeerX509Certificate()?.toString() ?? "";
    expect(await ask(old, "/version")).toBe(200);
    const fresh = await eventually(
      "the first certificates are over",
      async () => {
        const now = await adminOf(cluster);
        const isOver = Date.now() > Math.max(endOf(first.certificate), endOf(shown)) + 1_000;
        return isOver && now.certificate !== first.certificate ? now : undefined;
      },
      patient,
    );
    // Whom a certificate speaks for is looked at with each request; the connection itself lives on.
    expect(await ask(old, "/api/v1/namespaces/default")).toBe(401);
    old.destroy();
    expect(await servedAs(cluster, first)).toBe(401);
    await eventually(
      "the certificate of now speaks for its owner",
      async () => (await servedAs(cluster, await adminOf(cluster))) === 200,
      patient,
    );
    await works(cluster, "late");
    expect(readText(`${cluster.dataDir}/navarch.log`)).not.toContain(fresh.key.slice(30, 80));
  });
});

describeWith(["etcd"], "certificates that end while components run as processes of their own", () => {
  let cluster: Components;
  afterAll(() => cluster?.stop());

  it("are renewed in time, and taken from their files by those who use them", async () => {
    cluster = await startComponents({ nodes: ["alpha"], apiServerFlags: ["--cluster-signing-duration", life] });
    await cluster.scheduler("a");
    await cluster.controllers("a", []);
    await cluster.agent("alpha");
    const [server] = cluster.servers;
    const issued = [
      (await adminOf(server)).certificate,
      readText(`${cluster.dir}/pki/alpha-serving.crt`),
      readText(`${cluster.dir}/pki/scheduler.crt`),
    ];
    await eventually("they are over", () => Date.now() > Math.max(...issued.map(endOf)) + 1_000, patient);
    await works(server, "late");
  }, 150_000);
});
