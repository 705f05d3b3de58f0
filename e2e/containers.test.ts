import type { Pod } from "../api/core/pod/pod.js";
import { type Cluster, startCluster, stopClusters } from "./harness/cluster.js";
import { type Containerd, containerTools, freePodRange, startContainerd } from "./harness/containerd.js";
import { describeWith } from "./harness/needs.js";
import { readyPods } from "./harness/pods.js";

jest.setTimeout(90_000);

describeWith(containerTools, "pods as containers", () => {
  let containerd: Containerd;
  let cluster: Cluster;
  let flags: readonly string[];
  beforeAll(async () => {
    containerd = await startContainerd();
    flags = ["--runtime", "auto", "--cri-socket", containerd.socket, ...freePodRange()];
    cluster = await startCluster({ flags });
  });
  afterAll(async () => {
    await stopClusters();
    await containerd.stop();
  });

  const web = (name: string, replicas: number) => `
apiVersion: apps/v1
kind: Deployment
metadata: {name: ${name}}
spec:
  replicas: ${replicas}
  selector: {matchLabels: {app: ${name}}}
  template:
    metadata: {labels: {app: ${name}}}
    spec:
      terminationGracePeriodSeconds: 1
      containers:
      - name: web
        image: busybox
        imagePullPolicy: IfNotPresent
        command: [sh, -c, 'hostname > /tmp/index.html; exec httpd -f -p 80 -h /tmp']
        readinessProbe: {httpGet: {path: /, port: 80}, periodSeconds: 1}
`;
  const answers = (pods: readonly Pod[]): Promise<readonly string[]> =>
    Promise.all(pods.map(async ({ status }) => (await (await fetch(`http://${status?.podIP}/`)).text()).trim()));

  it("run ten replicas of an unmodified server on port 80, each on an address of its own", async () => {
    await cluster.ok(["apply", "-f", "-"], { input: web("web", 10) });
    const pods = await readyPods(cluster, 10, { labelSelector: "app=web" });
    expect(new Set(pods.map(({ status }) => status?.podIP)).size).toBe(10);
    expect(await answers(pods)).toEqual(pods.map(({ metadata }) => metadata.name));
    expect(pods[0]?.status?.containerStatuses?.[0]?.containerID).toMatch(/^containerd:\/\/[0-9a-f]{64}$/);
  });
});
