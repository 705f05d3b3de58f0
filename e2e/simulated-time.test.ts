import { deployments } from "../api/apps/deployment.js";
import { events } from "../api/core/event.js";
import { nodes } from "../api/core/node/node.js";
import { type Pod, pods } from "../api/core/pod/pod.js";
import { services } from "../api/core/service.js";
import { type Simulation, startSimulation } from "./harness/simulation.js";

const second = 1000;
const labels = { app: "web" };

describe("a cluster on a simulated clock", () => {
  let simulation: Simulation;
  beforeEach(async () => {
    simulation = await startSimulation();
    await simulation.addNode("a");
    await simulation.addNode("b");
  });
  afterEach(() => simulation.stop());

  const listPods = async (): Promise<readonly Pod[]> =>
    (await simulation.client.list(pods, { namespace: "default" })).items;
  const readyOf = async (name: string): Promise<string | undefined> =>
    (await simulation.client.get(nodes, { name })).status?.conditions?.find(({ type }) => type === "Ready")?.status;
  const deploy = async (replicas: number): Promise<void> => {
    await simulation.client.create(deployments, {
      metadata: { name: "web", namespace: "default" },
      spec: {
        replicas,
        selector: { matchLabels: labels },
        template: { metadata: { labels }, spec: { containers: [{ name: "web", image: "web" }] } },
      },
    });
    await simulation.clock.advance(5 * second);
  };
  const isReady = ({ status }: Pod): boolean =>
    status?.conditions?.some(({ type, status: is }) => type === "Ready" && is === "True") ?? false;

  it("runs a deployment", async () => {
    await deploy(4);
    const found = await listPods();
    expect(found.filter(isReady)).toHaveLength(4);
    expect(new Set(found.map(({ spec }) => spec.nodeName))).toEqual(new Set(["a", "b"]));
  });

  it("calls a silent node unknown after 40 s, and moves its pods 300 s later", async () => {
    await deploy(4);
    await simulation.clock.advance(60 * second);
    await simulation.loseNode("a");
    await simulation.clock.advance(25 * second);
    expect(await readyOf("a")).toBe("True");
    await simulation.clock.advance(30 * second);
    expect(await readyOf("a")).toBe("Unknown");
    const { spec } = await simulation.client.get(nodes, { name: "a" });
    expect(spec.taints?.map(({ key, effect }) => `${key}:${effect}`)).toContain(
      "node.kubernetes.io/unreachable:NoExecute",
    );
    await simulation.clock.advance(230 * second);
    expect((await listPods()).some(({ metadata }) => metadata.deletionTimestamp)).toBe(false);
    await simulation.clock.advance(120 * second);
    const now = await listPods();
    expect(now.filter((pod) => isReady(pod) && pod.spec.nodeName === "b")).toHaveLength(4);
    expect(now.filter(({ metadata }) => !metadata.deletionTimestamp).every(({ spec }) => spec.nodeName === "b")).toBe(
      true,
    );
  });

  it("puts the service of the API server back", async () => {
    const service = { namespace: "default", name: "kubernetes" };
    await simulation.client.delete(services, service);
    await simulation.clock.advance(11 * second);
    expect((await simulation.client.get(services, service)).spec.clusterIP).toBe("10.96.0.1");
  });

  it("forgets events after an hour", async () => {
    await deploy(1);
    const ofDeployment = async () =>
      (await simulation.client.list(events, { namespace: "default", fieldSelector: "involvedObject.kind=Deployment" }))
        .items;
    expect(await ofDeployment()).not.toEqual([]);
    await simulation.clock.advance(59 * 60 * second);
    expect(await ofDeployment()).not.toEqual([]);
    await simulation.clock.advance(2 * 60 * second);
    expect(await ofDeployment()).toEqual([]);
  });
});
