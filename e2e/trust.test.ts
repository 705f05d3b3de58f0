import { readFileSync } from "node:fs";
import { pods } from "../api/core/pod/pod.js";
import { type Cluster, startCluster, stopClusters } from "./harness/cluster.js";
import { describeWith, newestKubectl } from "./harness/needs.js";
import { eventually } from "./harness/run.js";

describe("a cluster whose owner trusts everybody", () => {
  let cluster: Cluster;
  beforeAll(async () => {
    cluster = await startCluster({
      flags: ["--allow-host-access", "--i-trust-every-client", "--bind-address", "0.0.0.0"],
    });
  });
  afterAll(stopClusters);

  it("is reached at every address of the host", async () => {
    expect(cluster.readyLine).toContain("https://0.0.0.0:");
    expect(await cluster.ok(["get", "--raw", "/readyz"])).toBe("ok");
  });

  it("leads nobody through a proxy back to its own API server", async () => {
    const { stderr, code } = await cluster.navctl([
      "get",
      "--raw",
      `/api/v1/nodes/https:node-1:${cluster.port}/proxy/version`,
    ]);
    expect([code, stderr]).toEqual([1, expect.stringContaining("is not a node's address")]);
  });

  it("gives pods the host's files, network and name", async () => {
    await cluster.client.create(pods, {
      metadata: { name: "trusted", namespace: "default" },
      spec: {
        restartPolicy: "Never",
        hostNetwork: true,
        volumes: [{ name: "proc", hostPath: { path: "/proc/sys/kernel" } }],
        containers: [
          {
            name: "main",
            image: "busybox",
            command: ["sh", "-c", "cat /host/ostype; echo $HOSTNAME"],
            volumeMounts: [{ name: "proc", mountPath: "/host", readOnly: true }],
          },
        ],
      },
    });
    const { status } = await eventually("it has ended, or cannot start", async () => {
      const pod = await cluster.client.get(pods, { namespace: "default", name: "trusted" });
      const { waiting, terminated } = pod.status?.containerStatuses?.[0]?.state ?? {};
      return terminated || waiting?.reason === "CreateContainerConfigError" ? pod : undefined;
    });
    expect(status?.hostIP).toBeDefined();
    const { terminated, waiting } = status?.containerStatuses?.[0]?.state ?? {};
    // Without namespaces the volume cannot be mounted, which is said by its name.
    if (waiting) expect(waiting.message).toContain("/host");
    else {
      expect(terminated?.reason).toBe("Completed");
      expect(await cluster.ok(["logs", "trusted"])).toBe(`${readFileSync("/proc/sys/kernel/ostype", "utf8")}node-1\n`);
    }
  });

  const kubectl = newestKubectl(27);
  describeWith([kubectl ? "kubectl" : "kubectl 1.27"], "kubectl debug", () => {
    it("lets kubectl look at the node itself: its files, its processes, its name", async () => {
      const look = 'test -d "/host$0" && cat /proc/$1/comm && hostname';
      const args = [
        "--image=busybox",
        "--profile=general",
        "--",
        "sh",
        "-c",
        look,
        cluster.dataDir,
        `${cluster.process.pid}`,
      ];
      const { code, stdout } = await cluster.kubectl(kubectl ?? "", ["debug", "node/node-1", ...args]);
      expect(code).toBe(0);
      const name = /node-debugger-\S+/.exec(stdout)?.[0] ?? "";
      const state = await eventually("it has ended, or cannot start", async () => {
        const { status } = await cluster.client.get(pods, { namespace: "default", name });
        const { waiting, terminated } = status?.containerStatuses?.[0]?.state ?? {};
        return terminated ?? (waiting?.reason === "CreateContainerConfigError" ? waiting : undefined);
      });
      if (!("exitCode" in state)) expect(state.message).toContain("/host");
      else {
        expect(state).toMatchObject({ exitCode: 0 });
        const comm = readFileSync(`/proc/${cluster.process.pid}/comm`, "utf8");
        expect(await cluster.ok(["logs", name])).toBe(`${comm}node-1\n`);
      }
    });
  });
});
