import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { loadConnection } from "../client/kubeconfig.js";
import { exitOf } from "../e2e/harness/run.js";
import { navarchBin, until, withDir } from "./kit/cluster.js";
import { cpuMs, machine, numberOf, residentMb, sleep } from "./kit/figures.js";
import { type Http, openHttp } from "./kit/http.js";

/** What one agent with the process runtime costs by itself: memory and processor with 0, 50 and 200 pods, probes, supervisors, figures. */
export async function run(args: readonly string[]): Promise<void> {
  const seconds = numberOf(args, "seconds", 20);
  const most = numberOf(args, "pods", 200);
  console.log(machine());
  await withDir(async (dir) => {
    const node = await startNode(dir, most);
    try {
      await observe("0 pods", node.agent, seconds);
      await addPods(node, 0, Math.min(50, most), {});
      await observe(`${Math.min(50, most)} pods`, node.agent, seconds);
      await addPods(node, 50, most, {});
      const plain = await observe(`${most} pods`, node.agent, seconds);
      supervisors(dir, most);
      await figures(node);
      await removePods(node, most);
      for (const [kind, periodSeconds, probe] of [
        ["HTTP", 1, { httpGet: { path: "/", port: 8080 } }],
        ["TCP", 1, { tcpSocket: { port: 8080 } }],
        ["exec", 10, { exec: { command: ["true"] } }],
      ] as const) {
        await addPods(node, 0, most, { readinessProbe: { ...probe, periodSeconds } });
        const share = await observe(`${most} pods, ${kind} probes every ${periodSeconds} s`, node.agent, seconds);
        const each = ((share - plain) * periodSeconds * 1000) / most;
        console.log(`  ${each.toFixed(2)} ms of the agent's processor time a probe`);
        await removePods(node, most);
      }
    } finally {
      await node.stop();
    }
  });
}

interface Node {
  readonly agent: number;
  readonly http: Http;
  stop(): Promise<void>;
}

async function startNode(dir: string, pods: number): Promise<Node> {
  const children: ChildProcess[] = [];
  const start = async (name: string, flags: readonly string[], line: string): Promise<number> => {
    const child = spawn(process.execPath, [navarchBin, name, ...flags], { stdio: ["ignore", "pipe", "inherit"] });
    children.push(child);
    let output = "";
    child.stdout?.setEncoding("utf8").on("data", (text: string) => {
      output += text;
    });
    await until(`${name} says ${line}`, async () => output.includes(line), 20);
    return child.pid ?? 0;
  };
  const second = 128 + (process.pid % 120);
  const data = join(dir, "data");
  await start(
    "apiserver",
    ["--data-dir", data, "--secure-port", "0", "--loopback-cidr", `127.${second}.0.0/16`, "--issue-node", "node-1"],
    "ready: ",
  );
  const as = (name: string): readonly string[] => ["--kubeconfig", join(data, `${name}.kubeconfig`)];
  await start(
    "controllers",
    [...as("controller-manager"), "--cluster-cidr", `127.${second}.0.0/17`, "--secure-port", "0"],
    "leading",
  );
  const root = join(dir, "node");
  mkdirSync(root);
  const pki = (file: string): string => join(data, "pki", file);
  const agent = await start(
    "agent",
    [
      ...["--runtime", "process", "--hostname-override", "node-1", "--root-dir", root, "--max-pods", String(pods + 10)],
      ...[...as("node-1"), "--log-file", join(dir, "agent.log"), "--client-ca-file", pki("ca.crt")],
      ...["--tls-cert-file", pki("node-1-serving.crt"), "--tls-private-key-file", pki("node-1-serving.key")],
    ],
    "started",
  );
  const http = openHttp(await loadConnection(join(data, "kubeconfig")));
  const serviceAccount = "/api/v1/namespaces/default/serviceaccounts/default";
  await until(
    "the default service account is there",
    async () => (await http.ask("GET", serviceAccount)).status === 200,
  );
  return {
    agent,
    http,
    async stop() {
      await removePods({ agent, http }, pods);
      http.close();
      for (const child of children.toReversed()) {
        child.kill("SIGTERM");
        await exitOf(child);
      }
    },
  };
}

/** Memory when things have settled, and the share of a core. */
async function observe(title: string, pid: number, seconds: number): Promise<number> {
  await sleep(settleMs);
  const beforeMs = cpuMs(pid);
  await sleep(seconds * 1000);
  const share = (cpuMs(pid) - beforeMs) / (seconds * 1000);
  console.log(`${title}: ${residentMb(pid).toFixed(0)} MB resident, ${(share * 100).toFixed(2)} % of a core`);
  return share;
}

const settleMs = 8_000;
const path = "/api/v1/namespaces/default/pods";

async function addPods({ http }: Pick<Node, "http">, from: number, to: number, more: object): Promise<void> {
  const command = ["sh", "-c", "echo ok >/tmp/index.html; exec busybox httpd -f -p $POD_IP:8080 -h /tmp"];
  for (let n = from; n < to; n++) {
    const container = { name: "main", image: "busybox", command, ...more };
    const body = {
      metadata: { name: `p${n}`, labels: { app: "bench" } },
      spec: { nodeName: "node-1", terminationGracePeriodSeconds: 1, containers: [container] },
    };
    const { status, body: answer } = await http.ask("POST", path, JSON.stringify(body));
    if (status !== 201) throw new Error(`${status} ${answer.toString("utf8")}`);
  }
  await until(
    `${to} pods are Ready`,
    async () => {
      const { items } = await http.json<PodList>(path);
      return items.filter(isReady).length >= to;
    },
    250,
    300_000,
  );
}

async function removePods({ http }: Pick<Node, "agent" | "http">, _pods: number): Promise<void> {
  await http.ask("DELETE", `${path}?gracePeriodSeconds=1`);
  await until("no pod is left", async () => (await http.json<PodList>(path)).items.length === 0, 250, 120_000);
}

interface PodList {
  readonly items: readonly {
    readonly status?: { readonly conditions?: readonly { readonly type: string; readonly status: string }[] };
  }[];
}
const isReady = ({ status }: PodList["items"][number]): boolean =>
  status?.conditions?.some(({ type, status: value }) => type === "Ready" && value === "True") ?? false;

/** What keeps containers beside the agent: the supervisors' shells and what copies their logs. */
function supervisors(dir: string, pods: number): void {
  let kilobytes = 0;
  let processes = 0;
  const all = readdirSync("/proc").filter((name) => /^\d+$/.test(name));
  const found = new Set(all.filter((pid) => read(`/proc/${pid}/cmdline`).includes(join(dir, "node", "supervisor.sh"))));
  for (const pid of all) {
    const parent = /^PPid:\s+(\d+)/m.exec(read(`/proc/${pid}/status`))?.[1] ?? "";
    const copies = found.has(parent) && read(`/proc/${pid}/comm`).trim() === "cat";
    if (!found.has(pid) && !copies) continue;
    processes++;
    kilobytes += Number(/^Pss:\s+(\d+)/m.exec(read(`/proc/${pid}/smaps_rollup`))?.[1] ?? 0);
  }
  console.log(`supervisors: ${(kilobytes / pods).toFixed(0)} KB a container (${processes} processes, Pss)`);
}

/** A reading of all pods, twice, as the first `kubectl top` asks for it. */
async function figures({ http, agent }: Node): Promise<void> {
  const beforeMs = cpuMs(agent);
  const startedMs = performance.now();
  const { items } = await http.json<{ readonly items: readonly unknown[] }>("/apis/metrics.k8s.io/v1beta1/pods");
  const tookMs = performance.now() - startedMs;
  console.log(
    `metrics of ${items.length} pods: ${tookMs.toFixed(0)} ms the first time (1 s of it between two readings), ${((cpuMs(agent) - beforeMs) / 2).toFixed(0)} ms of the agent's processor time a reading`,
  );
}

function read(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}
