import { readFileSync } from "node:fs";
import { request } from "node:https";
import { join } from "node:path";
import { nodes } from "../api/core/node/node.js";
import { loadConnection } from "../client/kubeconfig.js";
import { type Cluster, startCluster, stopClusters } from "./harness/cluster.js";
import { eventually } from "./harness/run.js";

/** A node's own server, asked directly. */
describe("the agent's server", () => {
  let cluster: Cluster;
  let at: { readonly host: string; readonly port: number };
  let ca: string;
  beforeAll(async () => {
    cluster = await startCluster();
    at = await eventually("the node names its server", async () => {
      const { status } = await cluster.client.get(nodes, { name: "node-1" });
      const host = status?.addresses?.find(({ type }) => type === "InternalIP")?.address;
      const port = status?.daemonEndpoints?.kubeletEndpoint?.Port;
      return host && port ? { host, port } : undefined;
    });
    ca = readFileSync(join(cluster.dataDir, "pki", "ca.crt"), "utf8");
    for (const name of ["reader", "nobody"]) await cluster.ok(["create", "serviceaccount", name]);
    await cluster.ok(["create", "clusterrole", "see-nodes", "--verb=get", "--resource=nodes/proxy"]);
    await cluster.ok([
      "create",
      "clusterrolebinding",
      "see-nodes",
      "--clusterrole=see-nodes",
      "--serviceaccount=default:reader",
    ]);
  });
  afterAll(stopClusters);

  interface Asked {
    readonly token?: string;
    readonly cert?: string;
    readonly key?: string;
    readonly upgrade?: true;
  }
  const ask = (path: string, { token, cert, key, upgrade }: Asked = {}): Promise<number> =>
    new Promise((resolve, reject) => {
      const asked = request({
        ...{ ...at, path, ca, servername: "node-1", agent: false },
        ...(cert && key ? { cert, key } : {}),
        headers: {
          ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
          ...(upgrade ? { connection: "Upgrade", upgrade: "SPDY/3.1" } : {}),
        },
      });
      asked.on("response", (response) => {
        response.resume();
        resolve(response.statusCode ?? 0);
      });
      asked.on("upgrade", (response, socket) => {
        socket.destroy();
        resolve(response.statusCode ?? 0);
      });
      asked.on("error", reject);
      asked.end();
    });
  const tokenOf = async (name: string): Promise<string> => (await cluster.ok(["create", "token", name])).trim();

  it("tells nobody more than that it lives", async () => {
    expect(await ask("/healthz")).toBe(200);
    for (const path of ["/pods", "/runningpods/", "/stats/summary", "/metrics/resource", "/containerLogs/a/b/c", "/"])
      expect(await ask(path)).toBe(401);
    expect(await ask("/exec/a/b/c?command=x&stdout=1", { upgrade: true })).toBe(401);
    expect(await ask("/pods", { token: "made-up" })).toBe(401);
  });

  it("asks the API server who a token belongs to, and what they may", async () => {
    const [reader, nobody] = [await tokenOf("reader"), await tokenOf("nobody")];
    expect(await ask("/pods", { token: nobody })).toBe(403);
    for (let round = 0; round < 2; round++) expect(await ask("/pods", { token: reader })).toBe(200);
    expect(await ask("/containerLogs/default/none/main", { token: reader })).toBe(404);
    expect(await ask("/stats/summary", { token: reader })).toBe(403);
  });

  it("lets nobody into a container who may only read", async () => {
    const reader = await tokenOf("reader");
    for (const path of ["exec/default/p/c?command=x&stdout=1", "attach/default/p/c?stdout=1", "portForward/default/p"])
      expect(await ask(`/${path}`, { token: reader, upgrade: true })).toBe(403);
  });

  it("knows administrators by their certificate, and other nodes have no rights here", async () => {
    const { tls } = await loadConnection(cluster.kubeconfig);
    const admin = { cert: tls.certificate ?? "", key: tls.key ?? "" };
    expect(await ask("/runningpods/", admin)).toBe(200);
    expect(await ask("/exec/default/none/c?command=x&stdout=1", { ...admin, upgrade: true })).toBe(404);
    const file = (name: string): string => readFileSync(join(cluster.dataDir, "pki", name), "utf8");
    expect(await ask("/pods", { cert: file("node-1.crt"), key: file("node-1.key") })).toBe(403);
  });
});
