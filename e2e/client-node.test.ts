import { type ChildProcess, spawn } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { configMaps } from "../api/core/config-map.js";
import { type Cluster, startCluster, stopClusters } from "./harness/cluster.js";
import { eventually, exitOf } from "./harness/run.js";

const script = (name: string): string => join(__dirname, "black-box", `${name}.mjs`);

/** Passes connections on, and can cut all of them. */
class Wire {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  private constructor(server: Server) {
    this.#server = server;
  }

  static async to(port: number): Promise<Wire> {
    const server = createServer();
    const wire = new Wire(server);
    server.on("connection", (near) => {
      const far = connect(port, "127.0.0.1");
      for (const [socket, other] of [
        [near, far],
        [far, near],
      ] as const) {
        wire.#sockets.add(socket);
        socket.on("error", () => undefined);
        socket.on("close", () => {
          wire.#sockets.delete(socket);
          other.destroy();
        });
        socket.pipe(other);
      }
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return wire;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }
  /** How many connections it broke. */
  cut(): number {
    const { size } = this.#sockets;
    for (const socket of this.#sockets) socket.destroy();
    return size;
  }
  close(): void {
    this.cut();
    this.#server.close();
  }
}

type SeenEvent = readonly [type: "add" | "update" | "delete", name: string, uid: string, revision: number];
interface Dump {
  readonly objects: readonly (readonly [name: string, revision: string])[];
  readonly events: readonly SeenEvent[];
  readonly errors: number;
}

/** A program that answers each line with a line of JSON. */
class Asked {
  readonly process: ChildProcess;
  readonly #answers: ((line: string) => void)[] = [];

  constructor(args: readonly string[]) {
    const child = spawn(process.execPath, args, { stdio: ["pipe", "pipe", "inherit"] });
    createInterface({ input: child.stdout }).on("line", (line) => this.#answers.shift()?.(line));
    this.process = child;
  }
  async ask<T>(question: string): Promise<T> {
    const line = new Promise<string>((resolve) => this.#answers.push(resolve));
    this.process.stdin?.write(`${question}\n`);
    return JSON.parse(await line) as T;
  }
}

describe("@kubernetes/client-node", () => {
  let cluster: Cluster;
  beforeAll(async () => {
    cluster = await startCluster();
  });
  afterAll(stopClusters);

  it("an informer over 5,000 objects ends with the same set, through a cut and a server's death, and no event twice", async () => {
    const namespace = "informed";
    const names = Array.from({ length: 5_000 }, (_, n) => `object-${n}`);
    const each = async (some: readonly string[], act: (name: string) => Promise<unknown>): Promise<void> => {
      const left = [...some];
      const lane = async (): Promise<void> => {
        for (let name = left.pop(); name !== undefined; name = left.pop()) await act(name);
      };
      await Promise.all(Array.from({ length: 16 }, lane));
    };
    const create = (name: string) => cluster.client.create(configMaps, { metadata: { namespace, name } });
    const change = (name: string) =>
      cluster.client.patch(configMaps, { namespace, name }, { type: "merge", body: { data: { changed: "yes" } } });
    const remove = (name: string) => cluster.client.delete(configMaps, { namespace, name });
    await cluster.ok(["create", "namespace", namespace]);
    await each(names, create);

    const wire = await Wire.to(cluster.port);
    const kubeconfig = join(dirname(cluster.kubeconfig), "through-the-wire");
    const through = readFileSync(cluster.kubeconfig, "utf8").replaceAll(`:${cluster.port}`, `:${wire.port}`);
    writeFileSync(kubeconfig, through, { mode: 0o600 });
    const informer = new Asked([script("client-node-informer"), kubeconfig, namespace]);
    try {
      const here = await cluster.client.list(configMaps, { namespace });
      await eventually("it has listed", async () => (await informer.ask("size")) === here.items.length);

      await each(names.slice(0, 100), change);
      const during = each(names.slice(100, 400), remove);
      expect(wire.cut()).toBeGreaterThan(0);
      await during;
      await each(["late-1", "late-2"], create);
      await cluster.kill();
      cluster = await startCluster({ dataDir: cluster.dataDir, port: cluster.port });
      await each(names.slice(400, 500), change);
      await each(["late-3"], create);

      const now = await cluster.client.list(configMaps, { namespace });
      const wanted = new Map(now.items.map(({ metadata }) => [metadata.name, metadata.resourceVersion]));
      expect(wanted.size).toBe(here.items.length - 300 + 3);
      const dump = await eventually("it has seen it all", async () => {
        const seen = await informer.ask<Dump>("dump");
        return sameEntries(new Map(seen.objects), wanted) ? seen : undefined;
      });
      expect(dump.errors).toBeGreaterThan(0);
      expect(twiceIn(dump.events)).toEqual([]);
      const count = (type: string): number => dump.events.filter((event) => event[0] === type).length;
      expect([count("add"), count("delete"), count("update")]).toEqual([here.items.length + 3, 300, 200]);
    } finally {
      informer.process.stdin?.end();
      await exitOf(informer.process);
      wire.close();
    }
  });
});

const sameEntries = (left: ReadonlyMap<string, string>, right: ReadonlyMap<string, string | undefined>): boolean =>
  left.size === right.size && [...left].every(([key, value]) => right.get(key) === value);

/** Objects added or deleted twice, and versions told twice. */
function twiceIn(events: readonly SeenEvent[]): readonly SeenEvent[] {
  const seen = new Set<string>();
  return events.filter(([type, , uid, revision]) => {
    const what = type === "update" ? `${uid} ${revision}` : `${type} ${uid}`;
    const again = seen.has(what);
    seen.add(what);
    return again;
  });
}
