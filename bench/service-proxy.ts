import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { join } from "node:path";
import { startUp, until, withDir } from "./kit/cluster.js";
import { cpuMs, machine, ms, numberOf, percentile, spread } from "./kit/figures.js";
import { type Http, openHttp } from "./kit/http.js";

const port = 9000;
const namespace = "/api/v1/namespaces/default";

/**
 * What the Service proxy costs: round trips, connections and bytes to one pod, straight to its address and by the
 * Service's; and how long a change of endpoints takes to be in effect. The client, the pod and `up` are a process each.
 */
export async function run(args: readonly string[]): Promise<void> {
  console.log(machine());
  await withDir(async (dir) => {
    const up = startUp({ dataDir: join(dir, "data"), flags: ["--runtime", "process"] });
    try {
      await up.ready;
      const http = openHttp(await up.connection());
      const pod = await startPod(http, "one");
      const service = await createService(http, { app: "one" });
      await until("the service answers", async () => (await roundTrips(service, 1)).length === 1);
      const ways = [
        ["direct", pod],
        ["proxied", service],
      ] as const;
      for (const [name, address] of ways) {
        await roundTrips(address, 1000);
        const trips = await roundTrips(address, numberOf(args, "trips", 10_000));
        console.log(
          `${name}: round trip of 64 bytes p50 ${us(percentile(trips, 0.5))}, p99 ${us(percentile(trips, 0.99))}`,
        );
      }
      for (const [name, address] of ways) {
        const count = numberOf(args, "connections", 5_000);
        const startedMs = performance.now();
        await Promise.all(Array.from({ length: 16 }, () => connections(address, count / 16)));
        console.log(
          `${name}: ${Math.round(count / ((performance.now() - startedMs) / 1000))} connections/s, 16 at a time`,
        );
      }
      for (const [name, address] of ways) {
        const total = numberOf(args, "megabytes", 512) * 2 ** 20;
        const [startedMs, cpuBeforeMs] = [performance.now(), cpuMs(up.pid)];
        await bulk(address, total);
        const tookMs = performance.now() - startedMs;
        const cpu = cpuMs(up.pid) - cpuBeforeMs;
        console.log(
          `${name}: ${Math.round(total / 2 ** 20 / (tookMs / 1000))} MB/s; \`up\` used ${Math.round(cpu)} ms of ${Math.round(tookMs)} ms`,
        );
      }
      const tookMs = await changes(http, pod, await startPod(http, "two"), numberOf(args, "changes", 20));
      console.log(`EndpointSlice written to new connections going there: ${spread(tookMs, "ms", 1)}`);
      http.close();
    } finally {
      await up.stop();
    }
  });
}

const us = (value: number): string => (value < 1 ? `${Math.round(value * 1000)} us` : ms(value));

/** Echoes what comes; after a line that begins with `bulk` sends so many bytes. */
const program = `
  require("node:net").createServer({ noDelay: true }, (socket) => {
    socket.on("error", () => {});
    socket.on("data", (data) => {
      const [, total] = /^bulk (\\d+)\\n/.exec(data.toString("latin1", 0, 30)) ?? [];
      if (total === undefined) return socket.write(data);
      const chunk = Buffer.alloc(256 * 1024);
      let left = Number(total);
      const more = () => {
        while (left > 0) {
          const part = left < chunk.length ? chunk.subarray(0, left) : chunk;
          left -= part.length;
          if (!socket.write(part)) return;
        }
        socket.end();
      };
      socket.on("drain", more);
      more();
    });
  }).listen(${port}, process.env.POD_IP);`;

interface PodView {
  readonly status?: { readonly podIP?: string };
}

async function startPod(http: Http, name: string): Promise<string> {
  const container = { name: "main", image: "node", command: ["node", "-e", program] };
  await create(http, `${namespace}/pods`, {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name, labels: { app: name } },
    spec: { containers: [container] },
  });
  let address = "";
  await until(`${name} listens`, async () => {
    address = (await http.json<PodView>(`${namespace}/pods/${name}`)).status?.podIP ?? "";
    (await open(address)).destroy();
    return true;
  });
  return address;
}

async function createService(http: Http, selector: object | undefined): Promise<string> {
  const made = await create<{ readonly spec: { readonly clusterIP: string } }>(http, `${namespace}/services`, {
    apiVersion: "v1",
    kind: "Service",
    metadata: { generateName: "bench-" },
    spec: { ports: [{ port }], ...(selector ? { selector } : {}) },
  });
  return made.spec.clusterIP;
}

async function create<T>(http: Http, path: string, object: object): Promise<T> {
  const { status, body } = await http.ask("POST", path, JSON.stringify(object));
  if (status !== 201) throw new Error(`${status} ${body.toString("utf8")}`);
  return JSON.parse(body.toString("utf8")) as T;
}

async function open(address: string): Promise<Socket> {
  const socket = connect({ host: address, port, noDelay: true });
  await once(socket, "connect");
  return socket;
}

async function roundTrips(address: string, count: number): Promise<readonly number[]> {
  const socket = await open(address);
  const message = Buffer.alloc(64);
  const took: number[] = [];
  for (let i = 0; i < count; i++) {
    const startedMs = performance.now();
    socket.write(message);
    await once(socket, "data");
    took.push(performance.now() - startedMs);
  }
  socket.destroy();
  return took;
}

async function connections(address: string, count: number): Promise<void> {
  for (let i = 0; i < count; i++) await roundTrips(address, 1);
}

async function bulk(address: string, total: number): Promise<void> {
  const socket = await open(address);
  socket.write(`bulk ${total}\n`);
  let received = 0;
  socket.on("data", (chunk: Buffer) => {
    received += chunk.length;
  });
  await once(socket, "close");
  if (received !== total) throw new Error(`${received} of ${total} bytes`);
}

/** A slice kept by hand goes back and forth between a pod that listens and an address where nobody does. */
async function changes(http: Http, one: string, two: string, count: number): Promise<readonly number[]> {
  const made = await create<{
    readonly metadata: { readonly name: string };
    readonly spec: { readonly clusterIP: string };
  }>(http, `${namespace}/services`, {
    apiVersion: "v1",
    kind: "Service",
    metadata: { generateName: "hand-" },
    spec: { ports: [{ port }] },
  });
  const name = made.metadata.name;
  const slices = "/apis/discovery.k8s.io/v1/namespaces/default/endpointslices";
  const sliceOf = (addresses: readonly string[]): object => ({
    apiVersion: "discovery.k8s.io/v1",
    kind: "EndpointSlice",
    metadata: { name, labels: { "kubernetes.io/service-name": name } },
    addressType: "IPv4",
    endpoints: addresses.map((address) => ({ addresses: [address], conditions: { ready: true } })),
    ports: [{ name: "", port, protocol: "TCP" }],
  });
  await create(http, slices, sliceOf([]));
  const took: number[] = [];
  for (let i = 0; i < count; i++) {
    const serves = i % 2 === 0;
    const { status } = await http.ask("PUT", `${slices}/${name}`, JSON.stringify(sliceOf(serves ? [one, two] : [])));
    if (status !== 200) throw new Error(`${status}`);
    const writtenMs = performance.now();
    const isServed = (): Promise<boolean> =>
      open(made.spec.clusterIP).then(
        (socket) => {
          socket.destroy();
          return true;
        },
        () => false,
      );
    took.push((await until("the change is in effect", async () => (await isServed()) === serves, 1)) - writtenMs);
  }
  return took;
}
