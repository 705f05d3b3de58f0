import { connect } from "node:net";
import { deployments } from "../api/apps/deployment.js";
import { type Service, services } from "../api/core/service.js";
import { type Cluster, startCluster, stopClusters } from "./harness/cluster.js";
import { readyPods } from "./harness/pods.js";
import { eventually } from "./harness/run.js";

describe("a Service", () => {
  let cluster: Cluster;
  beforeAll(async () => {
    cluster = await startCluster();
    const labels = { app: "my-app" };
    const container = {
      name: "main",
      image: "my-app:latest",
      env: [{ name: "PORT", value: "8000" }],
      readinessProbe: { httpGet: { path: "/healthz", port: 8000 }, periodSeconds: 1 },
    };
    await cluster.client.create(deployments, {
      metadata: { name: "my-app", namespace: "default", labels },
      spec: {
        replicas: 3,
        selector: { matchLabels: labels },
        template: { metadata: { labels }, spec: { containers: [container] } },
      },
    });
    await readyPods(cluster, 3);
  }, 60_000);
  afterAll(stopClusters, 60_000);

  it("is reached by its cluster address and its node port, and spreads its clients over the pods", async () => {
    await cluster.ok(["create", "service", "nodeport", "my-app", "--tcp=8000:8000"]);
    const service = await settled("my-app");
    const names = (await readyPods(cluster, 3)).map(({ metadata }) => metadata.name).toSorted();
    const nodePort = service.spec.ports?.[0]?.nodePort ?? 0;
    for (const url of [`http://${service.spec.clusterIP}:8000`, `http://127.0.0.1:${nodePort}`]) {
      const answers = await eventually(`${url} answers`, () => ask(url, 6));
      expect([...new Set(answers)].toSorted()).toEqual(names);
    }
  });

  it("loses no request while its pods are replaced one after the other", async () => {
    const { spec } = await settled("my-app");
    const url = `http://${spec.clusterIP}:8000`;
    const before = await readyPods(cluster, 3);
    const failures: string[] = [];
    const seen = new Set<string>();
    let loading = true;
    const clients = Array.from({ length: 4 }, async () => {
      while (loading)
        for (const answer of await ask(url, 1).catch((error: unknown) => [`!${error}`])) {
          if (answer.startsWith("!")) failures.push(answer);
          else seen.add(answer);
        }
    });
    await cluster.client.patch(
      deployments,
      { namespace: "default", name: "my-app" },
      { type: "merge", body: { spec: { template: { metadata: { annotations: { round: "2" } } } } } },
    );
    await eventually("all pods are new", async () => {
      const now = await readyPods(cluster, 3);
      return now.every(({ metadata }) => before.every((old) => old.metadata.uid !== metadata.uid)) || undefined;
    });
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    loading = false;
    await Promise.all(clients);
    expect(failures).toEqual([]);
    expect(seen.size).toBe(6);
  }, 60_000);

  it("refuses connections where nobody serves", async () => {
    const { spec } = await settled("my-app");
    await cluster.ok(["scale", "deployment", "my-app", "--replicas=0"]);
    await eventually(
      "connections are refused",
      async () => (await refused(spec.clusterIP ?? "", 8000)) === "ECONNREFUSED" || undefined,
    );
    await cluster.ok(["scale", "deployment", "my-app", "--replicas=3"]);
    await eventually("it is served again", () => ask(`http://${spec.clusterIP}:8000`, 1));
  });

  const settled = (name: string): Promise<Service> => cluster.client.get(services, { namespace: "default", name });
});

/** So many requests, a connection each. */
async function ask(url: string, times: number): Promise<readonly string[]> {
  const answers: string[] = [];
  for (let i = 0; i < times; i++) {
    const answer = await fetch(url, { headers: { connection: "close" } });
    answers.push((await answer.text()).trim());
  }
  return answers;
}

function refused(host: string, port: number): Promise<unknown> {
  return new Promise((resolve) => {
    const socket = connect({ host, port }, () => {
      socket.destroy();
      resolve("connected");
    });
    socket.once("error", (error) => resolve("code" in error ? error.code : error));
  });
}
