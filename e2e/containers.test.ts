import { existsSync, rmSync } from "node:fs";
import { type Pod, pods as podResource } from "../api/core/pod/pod.js";
import { type Cluster, startCluster, stopClusters } from "./harness/cluster.js";
import {
  busybox,
  type Containerd,
  containerTools,
  freePodRange,
  mountsBelow,
  pidsOf,
  startContainerd,
} from "./harness/containerd.js";
import { freePort } from "./harness/etcd.js";
import { startLoad } from "./harness/load.js";
import { describeWith } from "./harness/needs.js";
import { busyboxImage } from "./harness/oci-image.js";
import { tracesOf } from "./harness/pod-traces.js";
import { listPods, namesOf, readyPods, restartsOf, uidsOf } from "./harness/pods.js";
import { isRunning, processesNaming } from "./harness/processes.js";
import { eventually, exitOf } from "./harness/run.js";

describeWith(containerTools, "pods as containers", () => {
  let containerd: Containerd;
  let cluster: Cluster;
  let flags: readonly string[];
  beforeAll(async () => {
    containerd = await startContainerd();
    containerd.import({ [busybox.replace("latest", "v2")]: busyboxImage({ labels: { version: "2" } }) });
    flags = ["--runtime", "auto", "--cri-socket", containerd.socket, "--sync-frequency", "1s", ...freePodRange()];
    cluster = await startCluster({ flags });
  });
  afterAll(async () => {
    await stopClusters();
    await containerd.stop();
  });

  const port = 80;
  const web = (replicas: number, image = "busybox:latest") => `
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: ${replicas}
  selector: {matchLabels: {app: web}}
  strategy: {type: RollingUpdate, rollingUpdate: {maxSurge: 1, maxUnavailable: 0}}
  template:
    metadata: {labels: {app: web}}
    spec:
      terminationGracePeriodSeconds: 10
      containers:
      - name: web
        image: ${image}
        imagePullPolicy: IfNotPresent
        command: [sh, -c, 'hostname > /tmp/index.html; trap "sleep 2; exit 0" TERM; httpd -f -p ${port} -h /tmp & wait']
        readinessProbe: {httpGet: {path: /, port: ${port}}, periodSeconds: 1}
`;
  const labelSelector = "app=web";
  const answers = (found: readonly Pod[]): Promise<readonly string[]> =>
    Promise.all(found.map(async ({ status }) => (await (await fetch(`http://${status?.podIP}/`)).text()).trim()));
  const idOf = (pod: Pod | undefined): string => pod?.status?.containerStatuses?.[0]?.containerID ?? "";
  const idsOf = (found: readonly Pod[]): readonly string[] => found.map(idOf).toSorted();
  const get = (name: string): Promise<Pod> => cluster.client.get(podResource, { namespace: "default", name });
  const phase = (name: string, wanted: string): Promise<Pod> =>
    eventually(`${name} is ${wanted}`, async () => {
      const pod = await get(name);
      if (pod.status?.phase === wanted) return pod;
      throw new Error(JSON.stringify(pod.status?.containerStatuses ?? pod.status?.phase));
    });

  it("run ten replicas of an unmodified server on port 80, each on an address of its own", async () => {
    await cluster.ok(["apply", "-f", "-"], { input: web(10) });
    const found = await readyPods(cluster, 10, { labelSelector });
    expect(new Set(found.map(({ status }) => status?.podIP)).size).toBe(10);
    expect(await answers(found)).toEqual(found.map(({ metadata }) => metadata.name));
    expect(idOf(found[0])).toMatch(/^containerd:\/\/[0-9a-f]{64}$/);
    expect(await cluster.ok(["get", "nodes", "-o", "wide"])).toContain("containerd://1.");
    await cluster.ok(["scale", "deployment/web", "--replicas=3"]);
    await readyPods(cluster, 3, { labelSelector });
  });

  it("are healed: a killed container in its pod, a deleted pod by another", async () => {
    const [pod, ...others] = await readyPods(cluster, 3, { labelSelector });
    const [program] = pidsOf(idOf(pod));
    process.kill(program ?? 0, "SIGKILL");
    const after = await eventually("the container was restarted", async () => {
      const now = await get(pod?.metadata.name ?? "");
      return restartsOf(now) === 1 && now.status?.containerStatuses?.[0]?.ready ? now : undefined;
    });
    expect(after.status?.podIP).toBe(pod?.status?.podIP);
    expect(idOf(after)).not.toBe(idOf(pod));
    expect(after.status?.containerStatuses?.[0]?.lastState?.terminated).toMatchObject({
      exitCode: 137,
      containerID: idOf(pod),
    });
    await cluster.ok(["delete", "pod", after.metadata.name]);
    const healed = await readyPods(cluster, 3, { labelSelector });
    expect(uidsOf(healed)).not.toContain(pod?.metadata.uid);
    expect(uidsOf(healed)).toEqual(expect.arrayContaining([...uidsOf(others)]));
  });

  it("are rolled over to another image under load without a failed request", async () => {
    const before = await readyPods(cluster, 3, { labelSelector });
    const load = await startLoad(cluster.client, { labelSelector, port });
    await cluster.ok(["set", "image", "deployment/web", "web=busybox:v2"]);
    expect(await cluster.ok(["rollout", "status", "deployment/web", "--timeout=60s"])).toContain(
      "successfully rolled out",
    );
    const after = await readyPods(cluster, 3, { labelSelector });
    await load.stop();
    expect(load.failures).toEqual([]);
    expect(uidsOf(after).filter((uid) => uidsOf(before).includes(uid))).toEqual([]);
    expect(after.map(({ spec }) => spec.containers[0]?.image)).toEqual(Array(3).fill("busybox:v2"));
  });

  it("in the host's network have the node's address, where probes find them", async () => {
    const free = await freePort();
    const spec = `{hostNetwork: true, containers: [{name: c, image: busybox, imagePullPolicy: IfNotPresent,
      command: [sh, -c, 'echo $IP > /tmp/index.html; httpd -f -p ${free} -h /tmp'],
      env: [{name: IP, valueFrom: {fieldRef: {fieldPath: status.podIP}}}],
      readinessProbe: {httpGet: {path: /, port: ${free}}, periodSeconds: 1}}]}`;
    const manifest = `{apiVersion: v1, kind: Pod, metadata: {name: on-host}, spec: ${spec}}`;
    await cluster.ok(["apply", "-f", "-"], { input: manifest });
    await cluster.ok(["wait", "--for=condition=Ready", "pod/on-host", "--timeout=60s"]);
    const { status } = await get("on-host");
    expect(status?.podIPs).toEqual(status?.hostIPs);
    expect((await (await fetch(`http://${status?.podIP}:${free}/`)).text()).trim()).toBe(status?.hostIP);
    await cluster.ok(["delete", "pod", "on-host", "--grace-period=1"]);
  });

  it("that take more memory than their limit end as OOMKilled", async () => {
    const manifest = `
apiVersion: v1
kind: Pod
metadata: {name: hungry}
spec:
  restartPolicy: Never
  containers:
  - name: main
    image: busybox
    imagePullPolicy: IfNotPresent
    command: [sh, -c, 'tail /dev/zero']
    resources: {limits: {memory: 32Mi}}
`;
    await cluster.ok(["apply", "-f", "-"], { input: manifest });
    const pod = await phase("hungry", "Failed");
    expect(pod.status?.containerStatuses?.[0]?.state?.terminated).toMatchObject({ reason: "OOMKilled", exitCode: 137 });
  });

  it("complete when their work is done, though a sidecar ran beside it", async () => {
    const manifest = `
apiVersion: v1
kind: Pod
metadata: {name: job}
spec:
  restartPolicy: Never
  volumes: [{name: shared, emptyDir: {}}]
  initContainers:
  - name: sidecar
    image: busybox
    imagePullPolicy: IfNotPresent
    restartPolicy: Always
    command: [sh, -c, 'trap "echo ended; exit 0" TERM; echo ready > /shared/ready; while :; do sleep 0.1; done']
    startupProbe: {exec: {command: [test, -f, /shared/ready]}, periodSeconds: 1}
    volumeMounts: [{name: shared, mountPath: /shared}]
  containers:
  - name: work
    image: busybox
    imagePullPolicy: IfNotPresent
    command: [sh, -c, 'cat /shared/ready; echo done > /dev/termination-log']
    volumeMounts: [{name: shared, mountPath: /shared}]
`;
    await cluster.ok(["apply", "-f", "-"], { input: manifest });
    const pod = await phase("job", "Succeeded");
    expect(pod.status?.containerStatuses?.[0]?.state?.terminated).toMatchObject({
      ...{ exitCode: 0, reason: "Completed", message: "done\n" },
    });
    await eventually("the sidecar has ended", async () => {
      const ended = (await get("job")).status?.initContainerStatuses?.[0]?.state?.terminated;
      return ended?.exitCode === 0;
    });
    expect(pod.status?.initContainerStatuses?.[0]?.restartCount).toBe(0);
    expect(await cluster.ok(["logs", "job", "-c", "work"])).toBe("ready\n");
    expect(await cluster.ok(["logs", "job", "-c", "sidecar"])).toBe("ended\n");
  });

  it("see a changed ConfigMap in their volume", async () => {
    await cluster.ok(["create", "configmap", "greeting", "--from-literal=text=hello"]);
    const manifest = `
apiVersion: v1
kind: Pod
metadata: {name: reader}
spec:
  terminationGracePeriodSeconds: 0
  volumes: [{name: greeting, configMap: {name: greeting}}]
  containers:
  - name: main
    image: busybox
    imagePullPolicy: IfNotPresent
    command: [sh, -c, 'while :; do cat /etc/greeting/text; echo; sleep 0.2; done']
    volumeMounts: [{name: greeting, mountPath: /etc/greeting}]
`;
    await cluster.ok(["apply", "-f", "-"], { input: manifest });
    await eventually("it says hello", async () => (await cluster.ok(["logs", "reader"])).includes("hello"));
    await cluster.ok(["patch", "configmap", "greeting", "-p", '{"data":{"text":"goodbye"}}']);
    await eventually("it says goodbye", async () => (await cluster.ok(["logs", "reader"])).includes("goodbye"));
    await cluster.ok(["delete", "pod", "reader"]);
  });

  it("go on while containerd is killed; the node says so and recovers when it is back", async () => {
    const before = await readyPods(cluster, 3, { labelSelector });
    const programs = before.flatMap((pod) => pidsOf(idOf(pod)));
    await containerd.kill();
    const ready = () =>
      cluster.ok(["get", "nodes", "-o", "jsonpath={.items[0].status.conditions[?(@.type=='Ready')]}"]);
    const notReady = await eventually("the node is not ready", async () => {
      const text = await ready();
      return text.includes('"status":"False"') ? text : undefined;
    });
    expect(notReady).toContain("start containerd");
    await eventually("an event says what to do", async () =>
      (await cluster.ok(["get", "events", "--field-selector=reason=ContainerRuntimeNotReady"])).includes(
        "start containerd",
      ),
    );
    const name = before[0]?.metadata.name ?? "";
    for (const args of [
      ["exec", name, "--", "true"],
      ["logs", name],
    ]) {
      const { code, stderr } = await cluster.navctl(args);
      expect([code, stderr]).toEqual([
        1,
        expect.stringContaining("the container runtime of this node cannot be reached"),
      ]);
    }
    expect(await answers(before)).toEqual(before.map(({ metadata }) => metadata.name));
    await containerd.start();
    await eventually("the node is ready", async () => (await ready()).includes('"status":"True"'));
    const after = await readyPods(cluster, 3, { labelSelector });
    expect(idsOf(after)).toEqual(idsOf(before));
    expect(after.map(restartsOf)).toEqual(before.map(restartsOf));
    expect(programs.filter(isRunning)).toEqual(programs);
    // Watched over still: the end of a container is seen.
    process.kill(pidsOf(idOf(after[0]))[0] ?? 0, "SIGKILL");
    await eventually("it was restarted", async () => restartsOf(await get(after[0]?.metadata.name ?? "")) === 1);
  });

  it("go on while the agent is killed, and are taken up as they are", async () => {
    const before = await eventually("all are ready", () => readyPods(cluster, 3, { labelSelector }));
    const programs = before.flatMap((pod) => pidsOf(idOf(pod)));
    const { dataDir } = cluster;
    await cluster.kill();
    expect(await answers(before)).toEqual(before.map(({ metadata }) => metadata.name));
    cluster = await startCluster({ dataDir, flags });
    const after = await readyPods(cluster, 3, { labelSelector });
    expect(idsOf(after)).toEqual(idsOf(before));
    expect(after.map(restartsOf)).toEqual(before.map(restartsOf));
    expect(programs.filter(isRunning)).toEqual(programs);
    const [, pod] = after;
    process.kill(pidsOf(idOf(pod))[0] ?? 0, "SIGKILL");
    const restarts = after.map(restartsOf)[1] ?? 0;
    await eventually("its end is seen", async () => restartsOf(await get(pod?.metadata.name ?? "")) === restarts + 1);
  });

  it("end with up, and run again with the next one", async () => {
    const before = await readyPods(cluster, 3, { labelSelector });
    const programs = before.flatMap((pod) => pidsOf(idOf(pod)));
    const { dataDir } = cluster;
    expect(await cluster.stop()).toBe(0);
    expect(programs.filter(isRunning)).toEqual([]);
    cluster = await startCluster({ dataDir, flags });
    const after = await readyPods(cluster, 3, { labelSelector });
    expect(uidsOf(after)).toEqual(uidsOf(before));
    expect(await answers(after)).toEqual(after.map(({ metadata }) => metadata.name));
    await cluster.ok(["delete", "deployment/web"]);
    await eventually("no pod is left", async () => (await listPods(cluster, { labelSelector })).length === 0);
    expect(namesOf(await listPods(cluster))).toEqual(["hungry", "job"]);
  });

  it("leave nothing on the host, neither when they are deleted nor when all that looks after them dies", async () => {
    for (const name of ["first", "second"])
      await cluster.client.create(podResource, {
        metadata: { name, namespace: "default" },
        spec: {
          terminationGracePeriodSeconds: 0,
          containers: [
            {
              name: "main",
              image: "busybox",
              imagePullPolicy: "IfNotPresent",
              command: ["sleep", "3600"],
              ports: [{ containerPort: 80, hostPort: await freePort() }],
            },
          ],
        },
      } as never);
    const [first, second] = [await phase("first", "Running"), await phase("second", "Running")];
    const [look, other] = [tracesOf(first, containerd.dir), tracesOf(second, containerd.dir)];
    const all = ["cgroups", "interfaces", "mounts", "processes", "rules"];
    expect(Object.keys(look()).toSorted()).toEqual(all);
    await cluster.ok(["delete", "pod", "first"]);
    await eventually("all is gone", () => {
      if (Object.keys(look()).length === 0) return true;
      throw new Error(JSON.stringify(look()));
    });
    expect(Object.keys(other()).toSorted()).toEqual(all);
    await containerd.abandon();
    await eventually("the kernel has let go of all", () => Object.keys(other()).length === 0);
    expect(await exitOf(cluster.process)).toBe(128);
    expect(processesNaming(containerd.dir)).toEqual([]);
    expect(mountsBelow(containerd.dir)).toEqual([]);
    expect(existsSync(containerd.dir)).toBe(false);
    rmSync(cluster.dataDir, { recursive: true });
  });
});
