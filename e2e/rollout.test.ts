import { type Deployment, deployments } from "../api/apps/deployment.js";
import { replicaSets } from "../api/apps/replicaset.js";
import { isTerminal } from "../api/core/pod/conditions.js";
import { pods } from "../api/core/pod/pod.js";
import { systemClock } from "../base/clock.js";
import { silentLog } from "../base/log.js";
import { createInformers } from "../client/informer/informers.js";
import { startLoad } from "./harness/load.js";
import { readyPods, uidsOf } from "./harness/pods.js";
import { eventually } from "./harness/run.js";
import { onEachStore } from "./harness/stores.js";

const labelSelector = "app=web";
const port = 8080;

/** Four replicas that say when they can be asked; at most one more, at most one less during a rollout. */
const manifest = ({ strategy = "{type: RollingUpdate, rollingUpdate: {maxSurge: 1, maxUnavailable: 25%}}" } = {}) => `
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: 4
  progressDeadlineSeconds: 8
  strategy: ${strategy}
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      terminationGracePeriodSeconds: 5
      containers:
      - name: web
        image: my-app:v1
        env: [{name: PORT, value: "${port}"}, {name: DRAIN_MS, value: "500"}]
        readinessProbe: {httpGet: {path: /healthz, port: ${port}}, periodSeconds: 1}
`;

onEachStore("rollout", [], (running) => {
  const deployment = (): Promise<Deployment> =>
    running.cluster.client.get(deployments, { namespace: "default", name: "web" });
  const revision = async (): Promise<string | undefined> =>
    (await deployment()).metadata.annotations?.["deployment.kubernetes.io/revision"];
  const imagesOf = async (): Promise<readonly string[]> =>
    (await readyPods(running.cluster, 4, { labelSelector })).map(({ spec }) => spec.containers[0]?.image ?? "");

  beforeAll(async () => {
    await running.cluster.ok(["apply", "-f", "-"], { input: manifest() });
    expect(await running.cluster.ok(["rollout", "status", "deployment/web", "--timeout=60s"])).toContain(
      'deployment "web" successfully rolled out\n',
    );
  });

  it("rolls to a new template under load: no request fails, never fewer available and never more than allowed", async () => {
    const before = await readyPods(running.cluster, 4, { labelSelector });
    const load = await startLoad(running.cluster.client, { labelSelector, port });
    expect(await running.cluster.ok(["set", "image", "deployment/web", "web=my-app:v2"])).toBe(
      "deployment.apps/web image updated\n",
    );
    expect(await running.cluster.ok(["rollout", "status", "deployment/web", "--timeout=60s"])).toContain(
      'deployment "web" successfully rolled out\n',
    );
    const after = await readyPods(running.cluster, 4, { labelSelector });
    await load.stop();
    expect(load.failures).toEqual([]);
    expect(load.answered).toBeGreaterThan(100);
    expect(load.fewestReady).toBeGreaterThanOrEqual(3);
    expect(load.mostWanted).toBeLessThanOrEqual(5);
    expect(uidsOf(after).filter((uid) => uidsOf(before).includes(uid))).toEqual([]);
    expect(after.map(({ spec }) => spec.containers[0]?.image)).toEqual(Array(4).fill("my-app:v2"));
  });

  it("stops at maxUnavailable when the new template is broken; status says why and exits with 1; undo restores", async () => {
    const before = await readyPods(running.cluster, 4, { labelSelector });
    const load = await startLoad(running.cluster.client, { labelSelector, port });
    await running.cluster.ok([
      "patch",
      "deployment/web",
      "-p",
      '{"spec":{"template":{"spec":{"containers":[{"name":"web","image":"nowhere/missing:v3"}]}}}}',
    ]);
    const status = await running.cluster.navctl(["rollout", "status", "deployment/web"]);
    expect(status).toMatchObject({
      code: 1,
      stderr: 'error: deployment "web" exceeded its progress deadline\n',
      stdout: expect.stringContaining("Waiting for deployment"),
    });
    expect((await deployment()).status).toMatchObject({
      replicas: 5,
      updatedReplicas: 2,
      readyReplicas: 3,
      availableReplicas: 3,
      unavailableReplicas: 2,
      conditions: expect.arrayContaining([
        expect.objectContaining({ type: "Progressing", status: "False", reason: "ProgressDeadlineExceeded" }),
        expect.objectContaining({ type: "Available", status: "True" }),
      ]),
    });
    expect(await running.cluster.ok(["rollout", "undo", "deployment/web"])).toBe("deployment.apps/web rolled back\n");
    await running.cluster.ok(["rollout", "status", "deployment/web", "--timeout=60s"]);
    const after = await readyPods(running.cluster, 4, { labelSelector });
    await load.stop();
    expect(load.failures).toEqual([]);
    expect(load.fewestReady).toBeGreaterThanOrEqual(3);
    expect(load.mostWanted).toBeLessThanOrEqual(5);
    expect(uidsOf(after).filter((uid) => uidsOf(before).includes(uid))).toHaveLength(3);
    expect(await imagesOf()).toEqual(Array(4).fill("my-app:v2"));
  });

  it("keeps the history of its templates", async () => {
    const history = await running.cluster.ok(["rollout", "history", "deployment/web"]);
    expect(history.split("\n").map((line) => line.trim())).toEqual([
      "deployment.apps/web",
      "REVISION  CHANGE-CAUSE",
      "1         <none>",
      "3         <none>",
      "4         <none>",
      "",
      "",
    ]);
    expect(await running.cluster.ok(["rollout", "history", "deployment/web", "--revision=1"])).toContain("my-app:v1");
    expect(await revision()).toBe("4");
  });

  it("paused lets a new template wait, and rolls to it once resumed", async () => {
    expect(await running.cluster.ok(["rollout", "pause", "deployment/web"])).toBe("deployment.apps/web paused\n");
    await running.cluster.ok(["set", "env", "deployment/web", "GREETING=hello"]);
    const { generation } = (await deployment()).metadata;
    await eventually(
      "the controller saw it",
      async () => (await deployment()).status?.observedGeneration === generation,
    );
    expect(await revision()).toBe("4");
    expect((await deployment()).status?.updatedReplicas ?? 0).toBe(0);
    expect((await running.cluster.navctl(["rollout", "undo", "deployment/web"])).code).toBe(1);
    expect(await running.cluster.ok(["rollout", "resume", "deployment/web"])).toBe("deployment.apps/web resumed\n");
    await running.cluster.ok(["rollout", "status", "deployment/web", "--timeout=60s"]);
    expect(await revision()).toBe("5");
  });

  it("goes back to a named revision, and restarts all pods on demand", async () => {
    await running.cluster.ok(["rollout", "undo", "deployment/web", "--to-revision=1"]);
    await running.cluster.ok(["rollout", "status", "deployment/web", "--timeout=60s"]);
    expect(await imagesOf()).toEqual(Array(4).fill("my-app:v1"));
    const before = await readyPods(running.cluster, 4, { labelSelector });
    expect(await running.cluster.ok(["rollout", "restart", "deployment/web"])).toBe("deployment.apps/web restarted\n");
    await running.cluster.ok(["rollout", "status", "deployment/web", "--timeout=60s"]);
    const after = await readyPods(running.cluster, 4, { labelSelector });
    expect(uidsOf(after).filter((uid) => uidsOf(before).includes(uid))).toEqual([]);
  });

  it("with Recreate ends all old pods before it makes a new one", async () => {
    await running.cluster.ok(["apply", "-f", "-"], { input: manifest({ strategy: "{type: Recreate}" }) });
    await running.cluster.ok(["rollout", "status", "deployment/web", "--timeout=60s"]);
    await readyPods(running.cluster, 4, { labelSelector });
    const informers = createInformers(running.cluster.client, { clock: systemClock, log: silentLog });
    const informer = informers.for(pods, { namespace: "default", labelSelector });
    await informers.synced();
    let mostTemplates = 0;
    informer.onEvent(() => {
      const live = informer.list().filter((pod) => !isTerminal(pod));
      const templates = new Set(live.map(({ metadata }) => metadata.labels?.["pod-template-hash"]));
      mostTemplates = Math.max(mostTemplates, templates.size);
    });
    await running.cluster.ok(["set", "image", "deployment/web", "web=my-app:v2"]);
    await running.cluster.ok(["rollout", "status", "deployment/web", "--timeout=60s"]);
    await informers.stop();
    expect(mostTemplates).toBe(1);
    expect(await imagesOf()).toEqual(Array(4).fill("my-app:v2"));
  });

  it("forgets templates beyond its history limit", async () => {
    const limit = '{"spec":{"revisionHistoryLimit":1}}';
    await running.cluster.ok(["patch", "deployment/web", "-p", limit]);
    await eventually("one old ReplicaSet is left", async () => {
      const { items } = await running.cluster.client.list(replicaSets, { namespace: "default" });
      return items.length === 2;
    });
  });
});
