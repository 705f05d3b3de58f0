import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Agent, startAgent } from "../../agent/agent.js";
import { eventually } from "../../agent/eventually.test-kit.js";
import { openProcessRuntime, type ProcessRuntimeOptions } from "../../agent/runtime/process/process.js";
import type { Runtime } from "../../agent/runtime/runtime.js";
import { events } from "../../api/core/event.js";
import { namespaces } from "../../api/core/namespace.js";
import { nodes } from "../../api/core/node/node.js";
import { type Pod, pods } from "../../api/core/pod/pod.js";
import { StatusError } from "../../apimachinery/status.js";
import { systemClock } from "../../base/clock.js";
import { silentLog } from "../../base/log.js";
import { systemRandom } from "../../base/random.js";
import type { Client } from "../../client/client.js";
import { type LocalApi, openLocalApi } from "./local-api.js";

/** For tests: one node with the process runtime against a real registry. */
export class TestNode {
  readonly dir: string;
  readonly api: LocalApi;
  readonly runtime: Runtime;
  readonly agent: Agent;
  #stopped = false;

  private constructor(api: LocalApi, runtime: Runtime, agent: Agent, dir: string) {
    this.api = api;
    this.runtime = runtime;
    this.agent = agent;
    this.dir = dir;
  }

  static async start(
    cidr: string,
    options: Partial<ProcessRuntimeOptions> & {
      readonly client?: (client: Client) => Client;
      /** What the agent sees of the runtime. */
      readonly wrap?: (runtime: Runtime) => Runtime;
    } = {},
  ): Promise<TestNode> {
    const { client = (same: Client) => same, wrap = (same: Runtime) => same, ...runtimeOptions } = options;
    const dir = mkdtempSync(join(tmpdir(), "node-test-"));
    const api = await openLocalApi();
    for (const name of ["default", "kube-node-lease"]) await api.client.create(namespaces, { metadata: { name } });
    const surroundings = { clock: systemClock, random: systemRandom, log: silentLog };
    const runtime = await openProcessRuntime({
      ...surroundings,
      dir: join(dir, "runtime"),
      imagesDir: dir,
      ...runtimeOptions,
    });
    const agent = await startAgent({
      ...surroundings,
      nodeName: "one",
      client: client(api.client),
      runtime: wrap(runtime),
      dataDir: dir,
      version: "v1.36.0",
    });
    await eventually(() => api.client.get(nodes, { name: "one" }));
    await api.client.patch(nodes, { name: "one" }, { type: "merge", body: { spec: { podCIDR: cidr } } });
    return new TestNode(api, runtime, agent, dir);
  }

  create(name: string, spec: object): Promise<Pod> {
    return this.api.client.create(pods, {
      metadata: { name, namespace: "default" },
      spec: { nodeName: "one", terminationGracePeriodSeconds: 1, ...spec },
    });
  }

  get(name: string): Promise<Pod> {
    return this.api.client.get(pods, { namespace: "default", name });
  }

  until(name: string, condition: (pod: Pod) => boolean): Promise<Pod> {
    return eventually(async () => {
      const pod = await this.get(name);
      if (!condition(pod)) throw new Error(`not yet: ${JSON.stringify(pod.status)}`);
      return pod;
    });
  }

  gone(name: string): Promise<void> {
    return eventually(async () => {
      const found = await this.get(name).catch((error: unknown) => error);
      if (!(found instanceof StatusError && found.reason === "NotFound")) throw new Error(`${name} is still there`);
    });
  }

  /** `reason: message` of every event that there is. */
  async told(): Promise<readonly string[]> {
    const { items } = await this.api.client.list(events, { namespace: "default" });
    return items.map(({ reason, message }) => `${reason}: ${message}`);
  }

  async stop(graceMs: number): Promise<void> {
    this.#stopped = true;
    await this.agent.stop({ endPods: true, graceMs });
  }

  async close(): Promise<void> {
    if (!this.#stopped) await this.stop(0);
    await this.runtime.close();
    await this.api.close();
    rmSync(this.dir, { recursive: true, force: true });
  }
}
