import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { type Access, accessTo, closeAccess, endInOrder, lineOf, navarchBin, temporaryDir } from "./cluster.js";
import { type Etcd, startEtcd } from "./etcd.js";
import { freeLoopbackRange } from "./loopback.js";
import { endProcessesNaming } from "./processes.js";
import { exitOf } from "./run.js";

/** A cluster whose components are processes of their own, on etcd. */
export interface Components {
  readonly dir: string;
  readonly etcd: Etcd;
  /** Two API servers on the same store, each seen as the administrator. */
  readonly servers: readonly [Access, Access];
  /** Starts one more component; its output is in the answer. Every process gets a folder of the cluster's. */
  start(name: string, args: readonly string[], ready: string): Promise<Component>;
  /** Over the API server of that name. */
  scheduler(server: string): Promise<Component>;
  controllers(server: string, flags: readonly string[]): Promise<Component>;
  agent(node: string): Promise<Component>;
  /** SIGKILL for every component at once; etcd and the pods' programs run on. */
  killAll(): Promise<void>;
  /** Starts both API servers anew after that; `servers` are the new ones. */
  restartServers(): Promise<void>;
  /** One for all these nodes: they share this host. */
  proxy(nodes: readonly string[]): Promise<Component>;
  stop(): Promise<void>;
}

export interface Component {
  readonly name: string;
  readonly process: ChildProcess;
  /** What it has said on stdout so far. */
  readonly said: readonly string[];
  kill(): Promise<void>;
}

export interface ComponentsOptions {
  readonly nodes: readonly string[];
  readonly apiServerFlags?: readonly string[];
}

export async function startComponents({ nodes, apiServerFlags = [] }: ComponentsOptions): Promise<Components> {
  const dir = temporaryDir();
  const etcd = await startEtcd();
  const loopback = freeLoopbackRange();
  const children: ChildProcess[] = [];
  const start: Components["start"] = async (name, args, ready) => {
    const child = spawn(process.execPath, [navarchBin, ...args], { stdio: ["ignore", "pipe", "pipe"] });
    children.push(child);
    const said: string[] = [];
    child.stdout.setEncoding("utf8").on("data", (text: string) => said.push(...text.split("\n")));
    await lineOf(child, ready);
    const kill = async (): Promise<void> => {
      child.kill("SIGKILL");
      await exitOf(child);
    };
    return { name, process: child, said, kill };
  };
  const apiServer = async (name: string): Promise<Access> => {
    const dataDir = join(dir, name);
    await start(
      name,
      [
        ...["apiserver", "--data-dir", dataDir, "--cert-dir", join(dir, "pki"), "--secure-port", "0"],
        ...["--etcd-servers", etcd.endpoints.join(","), "--loopback-cidr", loopback],
        ...nodes.flatMap((node) => ["--issue-node", node]),
        ...apiServerFlags,
      ],
      "ready: ",
    );
    return accessTo(join(dataDir, "kubeconfig"));
  };
  const stop = async (): Promise<void> => {
    // The agents leave their pods; the API servers go last.
    for (const child of children.toReversed()) await endInOrder(child);
    endProcessesNaming(dir);
    await closeAccess();
    await etcd.stop();
    rmSync(dir, { recursive: true, force: true, maxRetries: 3 });
  };
  const killAll = async (): Promise<void> => {
    for (const child of children) child.kill("SIGKILL");
    await Promise.all(children.map(exitOf));
  };
  try {
    let servers: readonly [Access, Access] = [await apiServer("a"), await apiServer("b")];
    const restartServers = async (): Promise<void> => {
      servers = [await apiServer("a"), await apiServer("b")];
    };
    const agent = (node: string): Promise<Component> => {
      const rootDir = join(dir, "nodes", node);
      mkdirSync(dirname(rootDir), { recursive: true });
      const pki = (file: string): string => join(dir, "pki", file);
      return start(
        node,
        [
          ...["agent", "--runtime", "process", "--hostname-override", node, "--root-dir", rootDir],
          ...["--kubeconfig", join(dir, "b", `${node}.kubeconfig`), "--log-file", join(dir, `${node}.log`)],
          ...["--tls-cert-file", pki(`${node}-serving.crt`), "--tls-private-key-file", pki(`${node}-serving.key`)],
          ...["--client-ca-file", pki("ca.crt")],
        ],
        "agent of node ",
      );
    };
    const over = (server: string, name: string): readonly string[] => [
      ...["--kubeconfig", join(dir, server, `${name}.kubeconfig`)],
      ...["--log-file", join(dir, `${name}-${server}.log`)],
    ];
    const scheduler = (server: string): Promise<Component> =>
      start(
        `scheduler ${server}`,
        ["scheduler", ...over(server, "scheduler"), "--secure-port", "0"],
        "kube-scheduler started",
      );
    const controllers: Components["controllers"] = (server, flags) =>
      start(
        `controllers ${server}`,
        [
          ...["controllers", ...over(server, "controller-manager"), "--cluster-cidr", podRange(loopback)],
          ...["--root-ca-file", join(dir, "pki", "ca.crt"), "--secure-port", "0", ...flags],
        ],
        "kube-controller-manager started",
      );
    const proxy: Components["proxy"] = (names) =>
      start(
        "proxy",
        ["proxy", ...over("b", "kube-proxy"), ...names.flatMap((name) => ["--hostname-override", name])],
        "proxy of ",
      );
    return {
      ...{ dir, etcd, start, scheduler, controllers, agent, proxy, killAll, restartServers, stop },
      get servers() {
        return servers;
      },
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** The lower half of the range, where nodes and pods are. */
const podRange = (loopback: string): string => loopback.replace("/21", "/22");
