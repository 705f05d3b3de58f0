import { mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Pod, pods } from "../api/core/pod/pod.js";
import { type Cluster, startCluster, stopClusters } from "./harness/cluster.js";
import { describeWith, newestKubectl } from "./harness/needs.js";
import { eventually } from "./harness/run.js";

const namespace = "default";
let cluster: Cluster;
const manifests = mkdtempSync(join(tmpdir(), "navarch-e2e-static-"));
beforeAll(async () => {
  cluster = await startCluster({ flags: ["--pod-manifest-path", manifests] });
});
afterAll(() => rmSync(manifests, { recursive: true, force: true }));
afterAll(stopClusters);

const create = (name: string, spec: object, metadata: object = {}): Promise<Pod> =>
  cluster.client.create(pods, {
    metadata: { name, namespace, ...metadata },
    spec: { terminationGracePeriodSeconds: 1, ...spec },
  } as never);
const until = (name: string, what: string, is: (pod: Pod) => unknown): Promise<Pod> =>
  eventually(`${name}: ${what}`, async () => {
    const pod = await cluster.client.get(pods, { namespace, name });
    if (!is(pod)) throw new Error(JSON.stringify(pod.status));
    return pod;
  });
const sleeping = { image: "busybox", command: ["sh", "-c", "trap 'exit 0' TERM; sleep 1000 & wait"] };

describe("ephemeral containers", () => {
  it("run once in a running pod, and never again", async () => {
    await create("watched", { containers: [{ name: "main", ...sleeping }] });
    await until("watched", "runs", ({ status }) => status?.containerStatuses?.[0]?.state?.running);
    const kubectl = newestKubectl(25);
    const debug = ["debug", "watched", "--image=busybox", "-c", "look", "--", "sh", "-c", "echo seen; exit 3"];
    if (kubectl) {
      const { code, stderr } = await cluster.kubectl(kubectl, debug);
      expect([code, stderr]).toEqual([0, expect.any(String)]);
    } else
      await cluster.client.patch(
        pods,
        { namespace, name: "watched" },
        {
          type: "strategic",
          subresource: "ephemeralcontainers",
          body: { spec: { ephemeralContainers: [{ name: "look", image: "busybox", command: debug.slice(6) }] } },
        },
      );
    const pod = await until(
      "watched",
      "looked at",
      ({ status }) => status?.ephemeralContainerStatuses?.[0]?.state?.terminated,
    );
    expect(pod.status?.ephemeralContainerStatuses?.[0]).toMatchObject({
      name: "look",
      ready: false,
      restartCount: 0,
      state: { terminated: { exitCode: 3, reason: "Error" } },
    });
    expect(pod.status?.phase).toBe("Running");
    expect(await cluster.ok(["logs", "watched", "-c", "look"])).toBe("seen\n");
    await new Promise((resolve) => setTimeout(resolve, 300));
    const later = await cluster.client.get(pods, { namespace, name: "watched" });
    expect(later.status?.ephemeralContainerStatuses).toEqual(pod.status?.ephemeralContainerStatuses);
    const told = await cluster.json<{ items: readonly { reason: string; involvedObject: { fieldPath?: string } }[] }>([
      "get",
      "events",
      "--field-selector=involvedObject.name=watched,reason=Started",
    ]);
    expect(told.items.map(({ involvedObject }) => involvedObject.fieldPath)).toContain(
      "spec.ephemeralContainers{look}",
    );
  });
});

describe("a pod that wants the host itself", () => {
  it("is told at once that it may not, and how it might", async () => {
    const { metadata } = await create("grasping", {
      hostNetwork: true,
      volumes: [{ name: "host-root", hostPath: { path: "/" } }],
      containers: [{ name: "main", ...sleeping, volumeMounts: [{ name: "host-root", mountPath: "/host" }] }],
    });
    const { status } = await until(metadata.name, "is told", (pod) =>
      pod.status?.containerStatuses?.[0]?.state?.waiting?.reason?.endsWith("Error"),
    );
    expect(status?.containerStatuses?.[0]?.state?.waiting).toEqual({
      reason: "CreateContainerConfigError",
      message: ["spec.hostNetwork", "spec.volumes[0].hostPath"]
        .map(
          (field) =>
            `${field} cannot be honoured on this node: start the node with --allow-host-access, or leave it out`,
        )
        .join("; "),
    });
    await cluster.ok(["delete", "pod", metadata.name]);
  });
});

describe("a pod whose image changes", () => {
  it("runs the new one, whatever its policy", async () => {
    const made = await create("changed", {
      restartPolicy: "Never",
      terminationGracePeriodSeconds: 0,
      containers: [{ name: "main", image: "busybox", command: ["sleep", "1000"] }],
    });
    await until("changed", "runs", ({ status }) => status?.phase === "Running");
    await cluster.ok(["set", "image", "pod/changed", "main=alpine"]);
    const after = await until("changed", "runs anew", ({ status }) => {
      const [now] = status?.containerStatuses ?? [];
      return now?.restartCount === 1 && now.state?.running;
    });
    expect(after.metadata.uid).toBe(made.metadata.uid);
    expect(after.status).toMatchObject({ phase: "Running", containerStatuses: [{ image: "alpine" }] });
  });
});

describe("static pods", () => {
  const file = join(manifests, "web.yaml");
  const write = (text: string): void => {
    const spec = {
      containers: [{ name: "main", image: "busybox", command: ["sh", "-c", `echo ${text}; sleep 1000`] }],
    };
    const pod = {
      apiVersion: "v1",
      kind: "Pod",
      metadata: { name: "web" },
      spec: { terminationGracePeriodSeconds: 0, ...spec },
    };
    writeFileSync(join(manifests, ".new"), JSON.stringify(pod));
    renameSync(join(manifests, ".new"), file);
  };
  const name = "web-node-1";
  const runs = (text: string): Promise<Pod> =>
    eventually(`${name} says ${text}`, async () => {
      const pod = await cluster.client.get(pods, { namespace, name });
      const log = await cluster.ok(["logs", name]);
      return pod.status?.phase === "Running" && log === `${text}\n` ? pod : undefined;
    });

  it("run from a folder, are shown by a mirror that comes back, change with their file and go with it", async () => {
    write("one");
    const first = await runs("one");
    expect(first.metadata.annotations).toMatchObject({
      "kubernetes.io/config.source": "file",
      "kubernetes.io/config.mirror": first.metadata.annotations?.["kubernetes.io/config.hash"],
    });
    expect(first.metadata.ownerReferences).toMatchObject([{ kind: "Node", name: "node-1", controller: true }]);
    expect(first.status?.conditions).toContainEqual(expect.objectContaining({ type: "Ready", status: "True" }));
    await cluster.ok(["delete", "pod", name]);
    const second = await eventually("a new mirror", async () => {
      const pod = await runs("one");
      return pod.metadata.uid === first.metadata.uid ? undefined : pod;
    });
    const idOf = ({ status }: Pod) => status?.containerStatuses?.[0]?.containerID;
    expect(idOf(second)).toBe(idOf(first));
    write("two");
    await runs("two");
    await until(name, "tells of the new container", (pod) => idOf(pod) && idOf(pod) !== idOf(first));
    rmSync(file);
    await eventually("the mirror is gone", async () => {
      const { items } = await cluster.client.list(pods, { namespace });
      return items.every(({ metadata }) => metadata.name !== name);
    });
  });

  it("with a manifest that cannot be used keep no other from running", async () => {
    writeFileSync(join(manifests, "bad.yaml"), "kind: Nothing");
    write("three");
    await runs("three");
    rmSync(file);
  });
});

describeWith(["root"], "volumes in memory", () => {
  it("are shared by a pod's containers, bounded, and gone with the pod", async () => {
    const at = [{ name: "v", mountPath: "/scratch" }];
    await create("memory", {
      restartPolicy: "Never",
      initContainers: [
        { name: "first", image: "busybox", command: ["sh", "-c", "echo kept >/scratch/f"], volumeMounts: at },
      ],
      containers: [
        {
          name: "main",
          image: "busybox",
          command: [
            ...["sh", "-c"],
            "cat /scratch/f; stat -f -c %T /scratch; stat -c %a /scratch; head -c 2000000 /dev/zero >/scratch/big || echo full; exec sleep 1000",
          ],
          volumeMounts: at,
        },
      ],
      volumes: [{ name: "v", emptyDir: { medium: "Memory", sizeLimit: "1Mi" } }],
    });
    await eventually("the volume is full", async () => {
      const log = await cluster.ok(["logs", "memory", "-c", "main"]);
      return log.endsWith("full\n") && log.startsWith("kept\ntmpfs\n777\n") ? log : undefined;
    });
    const mounts = (): string => readFileSync("/proc/self/mountinfo", "utf8");
    expect(mounts()).toContain(`${cluster.dataDir}/nodes/node-1/pods/`);
    await cluster.ok(["delete", "pod", "memory"]);
    await eventually("unmounted", () => !mounts().includes(cluster.dataDir));
  });
});
