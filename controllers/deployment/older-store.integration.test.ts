import { deployments } from "../../api/apps/deployment.js";
import { replicaSets } from "../../api/apps/replicaset.js";
import { namespaces } from "../../api/core/namespace.js";
import { pods } from "../../api/core/pod/pod.js";
import { VirtualClock } from "../../base/virtual-clock.js";
import { openWorkshop, type Workshop } from "../../e2e/harness/controllers.js";
import { allControllers } from "../catalogue.js";

const labels = { app: "web" };
const web = { namespace: "default", name: "web" };
type Json = Record<string, unknown>;
type Workload = { spec: { template: { spec: Json & { containers: Json[] } } } };

/** Takes out of the stored template what an earlier version did not fill in. */
const forgetDefaults = ({ spec: { template } }: Workload): void => {
  delete template.spec.dnsPolicy;
  delete template.spec.terminationGracePeriodSeconds;
  for (const container of template.spec.containers) delete container.terminationMessagePolicy;
};

describe("a store written by a version with fewer defaults", () => {
  let workshop: Workshop;
  beforeEach(async () => {
    workshop = await openWorkshop(new VirtualClock(), allControllers());
    await workshop.client.create(namespaces, { metadata: { name: "default" } });
    const template = { metadata: { labels }, spec: { containers: [{ name: "web", image: "web:1" }] } };
    await workshop.client.create(deployments, {
      metadata: web,
      spec: { replicas: 2, selector: { matchLabels: labels }, template },
    });
    await workshop.until("two pods", async () => (await workshop.client.list(pods)).items.length === 2, 10_000);
  });
  afterEach(() => workshop.stop());

  /** Rewrites what lies under the prefix as that version would have left it. */
  const age = async (prefix: string): Promise<void> => {
    for (const { key, value, revision } of (await workshop.storage.list(prefix)).items) {
      const object = JSON.parse(Buffer.from(value).toString()) as Workload;
      forgetDefaults(object);
      const aged = Buffer.from(JSON.stringify(object));
      expect(aged.length).toBeLessThan(value.length);
      await workshop.storage.update(key, aged, revision);
    }
  };

  it.each([
    ["the Deployment", ["/registry/apps/deployments/"]],
    ["the ReplicaSet", ["/registry/apps/replicasets/"]],
    ["both", ["/registry/apps/deployments/", "/registry/apps/replicasets/"]],
  ])("that lacks them in %s rolls nothing", async (_, prefixes) => {
    const before = (await workshop.client.list(pods)).items.map(({ metadata }) => metadata.uid);
    for (const prefix of prefixes) await age(prefix);
    await workshop.clock.advance(5_000);
    await workshop.client.patch(deployments, web, {
      type: "merge",
      body: { metadata: { annotations: { touched: "yes" } } },
    });
    await workshop.clock.advance(60_000);
    expect((await workshop.client.list(replicaSets)).items).toHaveLength(1);
    expect((await workshop.client.list(pods)).items.map(({ metadata }) => metadata.uid)).toEqual(before);
    const scaled = { type: "merge" as const, body: { spec: { replicas: 3 } } };
    await workshop.client.patch(deployments, web, scaled);
    await workshop.until("a third pod", async () => (await workshop.client.list(pods)).items.length === 3, 10_000);
    expect((await workshop.client.list(replicaSets)).items).toHaveLength(1);
  });

  it("still rolls when the template really changes", async () => {
    await age("/registry/apps/deployments/");
    const body = { spec: { template: { spec: { containers: [{ name: "web", image: "web:2" }] } } } };
    await workshop.client.patch(deployments, web, { type: "strategic", body });
    await workshop.until(
      "a second ReplicaSet",
      async () => (await workshop.client.list(replicaSets)).items.length === 2,
      10_000,
    );
  });
});
