import { createSocket } from "node:dgram";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { get } from "node:http";
import { type AddressInfo, connect, createServer } from "node:net";
import { deployments } from "../api/apps/deployment.js";
import { events } from "../api/core/event.js";
import { pods } from "../api/core/pod/pod.js";
import { type Service, services } from "../api/core/service.js";
import { endpointSlices } from "../api/discovery/endpoint-slice.js";
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
  });
  afterAll(stopClusters);

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
  });

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

  it("keeps a client with one pod where it asks for that, and lets it go after the time that it says", async () => {
    await readyPods(cluster, 3);
    await cluster.client.create(services, {
      metadata: { name: "sticky", namespace: "default" },
      spec: {
        selector: { app: "my-app" },
        ports: [{ port: 8000 }],
        sessionAffinity: "ClientIP",
        sessionAffinityConfig: { clientIP: { timeoutSeconds: 4 } },
      },
    });
    const { spec } = await settled("sticky");
    const from = (localAddress: string): Promise<string> => askFrom(localAddress, spec.clusterIP ?? "", 8000);
    await eventually("it answers", () => from("127.0.0.9"));
    const answers = new Map<string, Set<string>>();
    for (let round = 0; round < 4; round++)
      for (const client of ["127.0.0.10", "127.0.0.11", "127.0.0.12"])
        answers.set(client, (answers.get(client) ?? new Set()).add(await from(client)));
    expect([...answers.values()].map(({ size }) => size)).toEqual([1, 1, 1]);
    expect(new Set([...answers.values()].flatMap((each) => [...each])).size).toBe(3);
    const [before] = answers.get("127.0.0.10") ?? [];
    await new Promise((resolve) => setTimeout(resolve, 4_100));
    await from("127.0.0.13");
    // It is somebody else's turn.
    expect(await from("127.0.0.10")).not.toBe(before);
  });

  it("forgets a pod within a tenth of a second of its not being ready, and takes it back", async () => {
    const program = `
      const { createServer } = require("node:http");
      let ready = true;
      createServer((request, response) => {
        if (request.url === "/toggle") ready = !ready;
        response.statusCode = request.url === "/ready" && !ready ? 503 : 200;
        response.end(process.env.HOSTNAME);
      }).listen(8001, process.env.POD_IP);`;
    for (const name of ["left", "right"])
      await cluster.client.create(pods, {
        metadata: { name, namespace: "default", labels: { app: "pair" } },
        spec: {
          terminationGracePeriodSeconds: 0,
          containers: [
            {
              name: "main",
              image: "node",
              command: ["node", "-e", program],
              readinessProbe: { httpGet: { path: "/ready", port: 8001 }, periodSeconds: 1, failureThreshold: 1 },
            },
          ],
        },
      });
    const [left] = await readyPods(cluster, 2, { labelSelector: "app=pair" });
    await cluster.ok(["create", "service", "clusterip", "pair", "--tcp=8001:8001"]);
    const { spec } = await settled("pair");
    const url = `http://${spec.clusterIP}:8001`;
    const both = () => eventually("both answer", async () => new Set(await ask(url, 4)).size === 2 || undefined);
    await both();
    const slicesSay = (ready: boolean) =>
      eventually(
        "the slice says so",
        async () => {
          const { items } = await cluster.client.list(endpointSlices, {
            namespace: "default",
            labelSelector: "app=pair",
          });
          return items[0]?.endpoints?.every(({ conditions }) => conditions.ready) === ready || undefined;
        },
        { everyMs: 5 },
      );
    const toggle = () => fetch(`http://${left?.status?.podIP}:8001/toggle`);
    // Once in a few times: others use this machine too.
    let within: readonly string[] = [];
    for (let round = 0; round < 5 && within.join() !== "right"; round++) {
      await toggle();
      await slicesSay(false);
      await new Promise((resolve) => setTimeout(resolve, 100));
      within = [...new Set(await ask(url, 6))];
      await eventually("it is forgotten", async () => new Set(await ask(url, 6)).size === 1 || undefined);
      await toggle();
      await slicesSay(true);
      await both();
    }
    expect(within).toEqual(["right"]);
  });

  it("says which port another program has, and serves it as soon as it is free", async () => {
    const other = createServer().listen(0, "0.0.0.0");
    await once(other, "listening");
    const { port } = other.address() as AddressInfo;
    await cluster.ok(["create", "service", "clusterip", "taken", `--tcp=${port}:8000`]);
    const taken = await settled("taken");
    await cluster.client.patch(
      services,
      { namespace: "default", name: "taken" },
      { type: "merge", body: { spec: { selector: { app: "my-app" } } } },
    );
    const told = await eventually("an event", async () => {
      const { items } = await cluster.client.list(events, {
        namespace: "default",
        fieldSelector: "involvedObject.kind=Service,involvedObject.name=taken",
      });
      return items[0];
    });
    expect(told).toMatchObject({ type: "Warning", reason: "PortNotServed", source: { component: "kube-proxy" } });
    expect(told.message).toContain(`TCP ${taken.spec.clusterIP}:${port} is not served: another program listens`);
    await new Promise((resolve) => other.close(resolve));
    await eventually("it is served", () => ask(`http://${taken.spec.clusterIP}:${port}`, 1));
  });

  it("carries datagrams", async () => {
    const program = `
      const socket = require("node:dgram").createSocket("udp4");
      socket.on("message", (text, { port, address }) => socket.send("echo " + text, port, address));
      socket.bind(8002, process.env.POD_IP);`;
    await cluster.client.create(pods, {
      metadata: { name: "echo", namespace: "default", labels: { app: "echo" } },
      spec: {
        terminationGracePeriodSeconds: 0,
        containers: [{ name: "main", image: "node", command: ["node", "-e", program] }],
      },
    });
    await cluster.client.create(services, {
      metadata: { name: "echo", namespace: "default" },
      spec: { type: "NodePort", selector: { app: "echo" }, ports: [{ port: 8002, protocol: "UDP" }] },
    });
    const { spec } = await settled("echo");
    const nodePort = spec.ports?.[0]?.nodePort ?? 0;
    for (const [address, port] of [
      [spec.clusterIP ?? "", 8002],
      ["127.0.0.1", nodePort],
    ] as const)
      expect(await eventually("an echo", () => echoed(address, port, "hello"))).toBe("echo hello");
  });

  it("is found by its name from pods that run already, and so are pods behind one without an address", async () => {
    const namesIn = (text: string): Promise<string> =>
      cluster.ok(["exec", "left", "--", "sh", "-c", `cat "\${NAVARCH_HOSTS:-/etc/hosts}" | grep -w '${text}' || true`]);
    expect(await namesIn("late")).toBe("");
    await cluster.ok(["create", "service", "clusterip", "late", "--tcp=8001:8001"]);
    const { spec } = await settled("late");
    const line = await eventually("the name is there", async () => (await namesIn("late")) || undefined);
    expect(line).toBe(`${spec.clusterIP}\tlate.default.svc.cluster.local\tlate.default.svc\tlate.default\tlate\n`);
    const script = `grep -q Kubernetes-managed /etc/hosts || exit 0
      for name in late late.default late.default.svc late.default.svc.cluster.local
        do getent ahostsv4 $name; done | cut -d " " -f 1 | sort -u`;
    const resolved = (await cluster.ok(["exec", "left", "--", "sh", "-c", script])).trim();
    expect(["", spec.clusterIP]).toContain(resolved);
    await cluster.ok(["create", "service", "clusterip", "none", "--clusterip=None", "--tcp=8001:8001"]);
    await cluster.client.patch(
      services,
      { namespace: "default", name: "none" },
      { type: "merge", body: { spec: { selector: { app: "pair" } } } },
    );
    const pair = await readyPods(cluster, 2, { labelSelector: "app=pair" });
    await eventually("both pods are told", async () => {
      const told = (await namesIn("none"))
        .trim()
        .split("\n")
        .map((each) => each.split("\t")[0]);
      return (
        told.toSorted().join() ===
          pair
            .map(({ status }) => status?.podIP)
            .toSorted()
            .join() || undefined
      );
    });
    await cluster.ok(["delete", "service", "late"]);
    await eventually("the name is gone", async () => (await namesIn("late")) === "" || undefined);
  });

  it("named kubernetes leads pods to the API server, whose certificate has its address", async () => {
    const program = `
      const { KUBERNETES_SERVICE_HOST: host, KUBERNETES_SERVICE_PORT: port, NAVARCH_SERVICE_ACCOUNT_DIR: dir } = process.env;
      const ca = require("node:fs").readFileSync((dir ?? "/var/run/secrets/kubernetes.io/serviceaccount") + "/ca.crt");
      require("node:https").get({ host, port, ca, path: "/version" }, (answer) => {
        answer.on("data", (text) => console.log(host + ":" + port, JSON.parse(text).major));
      });`;
    await cluster.client.create(pods, {
      metadata: { name: "asks", namespace: "default" },
      spec: { restartPolicy: "Never", containers: [{ name: "main", image: "node", command: ["node", "-e", program] }] },
    });
    await eventually("it has asked", async () => {
      const { status } = await cluster.client.get(pods, { namespace: "default", name: "asks" });
      return status?.phase === "Succeeded" || undefined;
    });
    const { spec } = await settled("kubernetes");
    const { port } = new URL(cluster.url);
    const expected = mayBind(443) ? `${spec.clusterIP}:443` : `127.0.0.1:${port}`;
    expect(await cluster.ok(["logs", "asks"])).toBe(`${expected} 1\n`);
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

/** One request from this address. */
function askFrom(localAddress: string, host: string, port: number): Promise<string> {
  return new Promise((resolve, reject) => {
    get({ localAddress, host, port, agent: false }, async (answer) => {
      let text = "";
      for await (const chunk of answer) text += String(chunk);
      resolve(text.trim());
    }).once("error", reject);
  });
}

async function echoed(address: string, port: number, text: string): Promise<string> {
  const socket = createSocket("udp4");
  const timer = setTimeout(() => socket.emit("error", new Error("no answer")), 500);
  try {
    socket.send(text, port, address);
    return String((await once(socket, "message"))[0]);
  } finally {
    clearTimeout(timer);
    socket.close();
  }
}

const mayBind = (port: number): boolean =>
  process.getuid?.() === 0 || Number(readFileSync("/proc/sys/net/ipv4/ip_unprivileged_port_start", "utf8")) <= port;
