import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Agent, startAgent } from "../../agent/agent.js";
import { eventually } from "../../agent/eventually.test-kit.js";
import { openProcessRuntime } from "../../agent/runtime/process/process.js";
import type { Runtime } from "../../agent/runtime/runtime.js";
import { namespaces } from "../../api/core/namespace.js";
import { nodes } from "../../api/core/node/node.js";
import { type Pod, pods } from "../../api/core/pod/pod.js";
import { systemClock } from "../../base/clock.js";
import { silentLog } from "../../base/log.js";
import { systemRandom } from "../../base/random.js";
import { type LocalApi, openLocalApi } from "./local-api.js";

interface Opened {
  readonly api: LocalApi;
  /** The agent's data directory. */
  readonly dir: string;
}

/** For tests: the agent with processes of a node `one`, and what it speaks to; begun anew before each test. */
export class ProcessNode {
  #opened: Opened | undefined;
  #running: { readonly runtime: Runtime; readonly agent: Agent } | undefined;

  async open(): Promise<void> {
    const dir = mkdtempSync(join(tmpdir(), "agent-test-"));
    const api = await openLocalApi();
    this.#opened = { api, dir };
    for (const name of ["default", "kube-node-lease"]) await api.client.create(namespaces, { metadata: { name } });
    await this.start();
    await eventually(() => api.client.get(nodes, { name: "one" }));
    await api.client.patch(nodes, { name: "one" }, { type: "merge", body: { spec: { podCIDR: "127.64.201.0/24" } } });
  }

  async close(): Promise<void> {
    await this.stop({ endPods: true, graceMs: 0 });
    await this.api.close();
    rmSync(this.dir, { recursive: true, force: true });
  }

  async start(): Promise<void> {
    const { api, dir } = this;
    const usual = { clock: systemClock, log: silentLog };
    const runtime = await openProcessRuntime({
      ...{ dir: join(dir, "runtime"), imagesDir: dir, random: systemRandom, ...usual },
    });
    const agent = await startAgent({
      ...{ nodeName: "one", client: api.client, runtime, dataDir: dir, version: "v1.36.0", ...usual },
    });
    this.#running = { runtime, agent };
  }

  async stop(options: Parameters<Agent["stop"]>[0] = {}): Promise<void> {
    await this.#running?.agent.stop(options);
    await this.#running?.runtime.close();
  }

  get api(): LocalApi {
    return theirs(this.#opened).api;
  }

  get dir(): string {
    return theirs(this.#opened).dir;
  }

  get runtime(): Runtime {
    return theirs(this.#running).runtime;
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

  /** Of the first container's program. */
  pidOf({ status }: Pod): number {
    const id = status?.containerStatuses?.[0]?.containerID?.slice("process://".length);
    return Number.parseInt(readFileSync(join(this.dir, "runtime", "containers", id ?? "", "pid"), "utf8"), 10);
  }
}

export function useProcessNode(): ProcessNode {
  const node = new ProcessNode();
  beforeEach(() => node.open());
  afterEach(() => node.close());
  return node;
}

function theirs<T>(part: T | undefined): T {
  if (part === undefined) throw new Error("the node has not been opened");
  return part;
}

export const isReady = ({ status }: Pod): boolean =>
  status?.conditions?.some(({ type, status: value }) => type === "Ready" && value === "True") ?? false;
