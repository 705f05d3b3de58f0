import { deployments } from "../../api/apps/deployment.js";
import { replicaSets } from "../../api/apps/replicaset.js";
import { events } from "../../api/core/event.js";
import { namespaces } from "../../api/core/namespace.js";
import { pods } from "../../api/core/pod/pod.js";
import { VirtualClock } from "../../base/virtual-clock.js";
import { openWorkshop, type Workshop } from "../../e2e/harness/controllers.js";
import { replicaSetController } from "../replicaset.js";
import { deploymentController } from "./deployment.js";

let workshop: Workshop;
beforeEach(async () => {
  workshop = await openWorkshop(new VirtualClock(), [replicaSetController, deploymentController]);
  await workshop.client.create(namespaces, { metadata: { name: "default" } });
});
afterEach(() => workshop.stop());

const template = (image: string) => ({
  metadata: { labels: { app: "web" } },
  spec: { containers: [{ name: "main", image }] },
});

const deploy = (image: string, replicas: number) =>
  workshop.client.create(deployments, {
    metadata: { name: "web", namespace: "default" },
    spec: { replicas, selector: { matchLabels: { app: "web" } }, template: template(image) },
  });

const livePods = async () => (await workshop.client.list(pods, { namespace: "default" })).items;

/** Does the agent's work: every pod becomes ready, every pod asked to end is gone. */
async function runPods(): Promise<void> {
  for (const pod of await livePods()) {
    if (pod.metadata.deletionTimestamp !== undefined) {
      await workshop.client.delete(pods, { namespace: "default", name: pod.metadata.name }, { gracePeriodSeconds: 0 });
    } else if (pod.status?.phase !== "Running") {
      const lastTransitionTime = new Date(workshop.clock.now()).toISOString().replace(/\.\d+/, "");
      const conditions = [{ type: "Ready", status: "True" as const, lastTransitionTime }];
      await workshop.client.update(
        pods,
        { ...pod, status: { ...pod.status, phase: "Running", conditions } },
        { subresource: "status" },
      );
    }
  }
}

const settled = (ready: number) => async (): Promise<boolean> => {
  await runPods();
  const { status } = await workshop.client.get(deployments, { namespace: "default", name: "web" });
  return status?.readyReplicas === ready && status.updatedReplicas === ready && status.replicas === ready;
};

test("a Deployment yields its pods through one ReplicaSet and reports that it is complete", async () => {
  await deploy("web:1", 3);
  await workshop.until("three ready pods", settled(3));
  const deployment = await workshop.client.get(deployments, { namespace: "default", name: "web" });
  const sets = (await workshop.client.list(replicaSets, { namespace: "default" })).items;
  expect(sets).toHaveLength(1);
  expect(deployment.metadata.annotations?.["deployment.kubernetes.io/revision"]).toBe("1");
  expect(deployment.status?.observedGeneration).toBe(1);
  const conditions = deployment.status?.conditions?.map(({ type, status, reason }) => [type, status, reason]);
  expect(conditions).toEqual(
    expect.arrayContaining([
      ["Available", "True", "MinimumReplicasAvailable"],
      ["Progressing", "True", "NewReplicaSetAvailable"],
    ]),
  );
  const owners = (await livePods()).map(({ metadata }) => metadata.ownerReferences?.[0]);
  expect(new Set(owners.map((owner) => `${owner?.kind}/${owner?.uid}`))).toEqual(
    new Set([`ReplicaSet/${sets[0]?.metadata.uid}`]),
  );
});

test("a new template rolls within the bounds, and the old one comes back as a later revision", async () => {
  await deploy("web:1", 4);
  await workshop.until("four ready pods", settled(4));
  const change = (image: string) =>
    workshop.client.patch(
      deployments,
      { namespace: "default", name: "web" },
      { type: "merge", body: { spec: { template: { spec: { containers: [{ name: "main", image }] } } } } },
    );
  await change("web:2");
  let fewest = 4;
  let most = 4;
  const images = async (): Promise<boolean> => {
    const all = await livePods();
    const staying = all.filter(({ metadata }) => metadata.deletionTimestamp === undefined);
    fewest = Math.min(fewest, staying.filter(({ status }) => status?.phase === "Running").length);
    most = Math.max(most, staying.length);
    const done = await settled(4)();
    return done && all.every(({ spec }) => spec.containers[0]?.image === "web:2");
  };
  await workshop.until("all pods are new", images);
  expect(fewest).toBeGreaterThanOrEqual(3);
  expect(most).toBeLessThanOrEqual(5);
  await change("web:1");
  await workshop.until("all pods are old again", async () => {
    const done = await settled(4)();
    return done && (await livePods()).every(({ spec }) => spec.containers[0]?.image === "web:1");
  });
  const sets = (await workshop.client.list(replicaSets, { namespace: "default" })).items;
  const revisions = sets.map(({ metadata }) => metadata.annotations?.["deployment.kubernetes.io/revision"]).sort();
  expect(revisions).toEqual(["2", "3"]);
});

test("events tell of pods and of scaling in Kubernetes' words", async () => {
  await deploy("web:1", 2);
  await workshop.until("two ready pods", settled(2));
  await workshop.clock.advance(1000);
  const told = (await workshop.client.list(events, { namespace: "default" })).items;
  const set = (await workshop.client.list(replicaSets, { namespace: "default" })).items[0];
  expect(told.map(({ reason, message }) => `${reason}: ${message}`)).toEqual(
    expect.arrayContaining([
      `ScalingReplicaSet: Scaled up replica set ${set?.metadata.name} from 0 to 2`,
      ...(await livePods()).map(({ metadata }) => `SuccessfulCreate: Created pod: ${metadata.name}`),
    ]),
  );
});

test("a pod that loses its label is let go and replaced, and is taken back when it has it again", async () => {
  await deploy("web:1", 2);
  await workshop.until("two ready pods", settled(2));
  const [first] = await livePods();
  const name = { namespace: "default", name: first?.metadata.name ?? "" };
  await workshop.client.patch(pods, name, { type: "merge", body: { metadata: { labels: { app: "other" } } } });
  await workshop.until("a third pod", async () => (await livePods()).length === 3 && (await settled(2)()));
  expect((await workshop.client.get(pods, name)).metadata.ownerReferences ?? []).toEqual([]);
  await workshop.client.patch(pods, name, { type: "merge", body: { metadata: { labels: { app: "web" } } } });
  await workshop.until("two pods", async () => (await livePods()).length === 2 && (await settled(2)()));
});
