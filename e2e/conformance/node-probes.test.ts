import { type Pod, pods } from "../../api/core/pod/pod.js";
import { ApiUser } from "../harness/api-conformance.js";
import { isReady, onRuntimes, type PodKit, podIp, script, waits, webServer, www } from "../harness/conformance.js";
import { eventually } from "../harness/run.js";

const restartsOf = ({ status }: Pod): number => status?.containerStatuses?.[0]?.restartCount ?? 0;
/** However slow the machine is: what is answered has not failed. */
const often = { periodSeconds: 1, failureThreshold: 1, timeoutSeconds: 30 } as const;

async function isRestarted(kit: PodKit, pod: Pod, why: RegExp): Promise<void> {
  await kit.until(pod, "is restarted", (now) => restartsOf(now) > 0);
  await isTold(kit, pod, why, /Killing.* failed liveness probe, will be restarted/);
  await kit.delete(pod, 0);
}

/** What its events say, a moment later. */
function isTold(kit: PodKit, { metadata: { name } }: Pod, ...what: readonly RegExp[]): Promise<boolean> {
  return eventually(`events of ${name}`, async () => {
    const told = await kit.cluster.ok(["events", "-n", kit.namespace, "--for", `pod/${name}`]);
    for (const each of what) expect(told).toMatch(each);
    return true;
  });
}

/** Well, and left alone, while it writes again and again that it was asked. */
async function isLeftAlone(kit: PodKit, pod: Pod, asked: RegExp): Promise<void> {
  await kit.ready(pod);
  await kit.logged(pod, new RegExp(`(?:${asked.source}[^]*){3}`));
  const now = await kit.get(pod);
  expect([isReady(now), restartsOf(now)]).toEqual([true, 0]);
  const told = await kit.cluster.ok(["events", "-n", kit.namespace, "--for", `pod/${pod.metadata.name}`]);
  expect(told).not.toMatch(/Liveness probe failed|Killing/);
  await kit.delete(pod, 0);
}

const health = (text: string, probe: object): object => ({
  containers: [
    {
      name: "test",
      image: "busybox",
      command: script(text),
      volumeMounts: [{ name: "www", mountPath: "/www" }],
      livenessProbe: { exec: { command: ["cat", "/www/health"] }, ...probe },
    },
  ],
  volumes: [www],
});
const web = (before: string, livenessProbe: object): object => ({
  containers: [{ ...webServer(before), ...from(8080), livenessProbe: { ...often, ...livenessProbe } }],
  volumes: [www],
});
/** It listens before it is asked for its life. */
const from = (port: number) => ({ startupProbe: { ...often, tcpSocket: { port }, failureThreshold: 60 } });

const node = (program: string, port: number, livenessProbe: object): object => ({
  containers: [
    {
      ...{ name: "test", image: "node", command: ["node", "-e", program], env: [podIp] },
      ...from(port),
      livenessProbe: { ...often, ...livenessProbe },
    },
  ],
});

onRuntimes(
  ["process", "cri"],
  "probes",
  (kit) => {
    const api = new ApiUser();
    beforeAll(() => api.use(kit.cluster));
    /** Of a container that fails again and again, as they were told; its time goes by while the other tests run. */
    const counts: number[] = [];
    const over = new AbortController();
    let failing: Pod;
    beforeAll(async () => {
      const labels = { fails: "again" };
      const before = "echo ok >/www/healthz; (sleep 1; rm /www/healthz) &";
      const livenessProbe = { httpGet: { path: "/healthz", port: 8080 } };
      failing = await kit.create("again", web(`${before} :`, livenessProbe), { labels });
      const watched = kit.client.watch(pods, { namespace: kit.namespace, labelSelector: "fails=again" }, over.signal);
      void (async () => {
        for await (const event of watched) if (event.type !== "BOOKMARK") counts.push(restartsOf(event.object));
      })().catch(() => {});
    });
    afterAll(() => over.abort());

    it("Probing container with readiness probe should not be ready before initial delay and never restart", async () => {
      const made = await kit.create("delayed", {
        containers: [
          {
            name: "test",
            image: "busybox",
            command: waits,
            readinessProbe: { exec: { command: ["true"] }, initialDelaySeconds: 3, periodSeconds: 1 },
          },
        ],
      });
      const pod = await kit.ready(made);
      const startedMs = Date.parse(pod.status?.containerStatuses?.[0]?.state?.running?.startedAt ?? "");
      const readyMs = Date.parse(
        pod.status?.conditions?.find(({ type }) => type === "Ready")?.lastTransitionTime ?? "",
      );
      expect(readyMs - startedMs).toBeGreaterThanOrEqual(3_000);
      expect(restartsOf(pod)).toBe(0);
      await kit.delete(pod, 0);
    });

    it("Probing container with readiness probe that fails should never be ready and never restart", async () => {
      const readinessProbe = { exec: { command: ["false"] }, ...often };
      const pod = await kit.create("unready", {
        containers: [{ name: "test", image: "busybox", command: waits, readinessProbe }],
      });
      const { name, resourceVersion } = pod.metadata;
      const query = `fieldSelector=metadata.name%3D${name}&resourceVersion=${resourceVersion}`;
      const watched = await api.watch(`/api/v1/namespaces/${kit.namespace}/pods?${query}`);
      await kit.until(pod, "runs", ({ status }) => status?.containerStatuses?.[0]?.state?.running);
      // Asked three times at least, each a second after the other.
      await isTold(kit, pod, /\(x(?:[3-9]|\d\d) .*Unhealthy.* Readiness probe failed: /);
      const states = [...watched.events.map(({ object }) => object), await kit.get(pod)];
      for (const now of states) expect([isReady(now), restartsOf(now)]).toEqual([false, 0]);
      watched.stop();
      await kit.delete(pod, 0);
    });

    it("Probing container should be restarted with an exec cat liveness probe", async () => {
      const pod = await kit.create("cat", health("echo ok >/www/health; sleep 2; rm /www/health; sleep 600", often));
      await isRestarted(kit, pod, /Unhealthy.* Liveness probe failed: cat: /);
    });

    it("Probing container should not be restarted with an exec cat liveness probe", async () => {
      const probe = { ...often, exec: { command: script("cat /www/health && echo asked >>/www/asked") } };
      const text = "echo ok >/www/health; touch /www/asked; exec tail -f /www/asked";
      await isLeftAlone(kit, await kit.create("cat", health(text, probe)), /asked/);
    });

    it("Probing container should be restarted with a /healthz http liveness probe", async () => {
      const before = "echo ok >/www/healthz; (sleep 2; rm /www/healthz) &";
      const pod = await kit.create(
        "http",
        web(`${before} :`, { httpGet: { path: "/healthz", port: 8080 }, initialDelaySeconds: 1 }),
      );
      await isRestarted(kit, pod, /Unhealthy.* Liveness probe failed: HTTP probe failed with statuscode: 404/);
    });

    it("Probing container should not be restarted with a /healthz http liveness probe", async () => {
      const liveness = { httpGet: { path: "/healthz", port: 8080 }, failureThreshold: 5 };
      await isLeftAlone(kit, await kit.create("http", web("echo ok >/www/healthz", liveness)), /url:.healthz/);
    });

    it("Probing container should not be restarted with a tcp:8080 liveness probe", async () => {
      const pod = await kit.create("tcp", node(errorServer, 8080, { tcpSocket: { port: 8080 } }));
      // Whoever asks by HTTP gets errors after a while; that it listens is what counts.
      await isLeftAlone(kit, pod, /connected/);
    });

    it("Probing container should not be restarted with a GRPC liveness probe", async () => {
      await isLeftAlone(kit, await kit.create("grpc", node(healthServer, 5000, { grpc: { port: 5000 } })), /asked/);
    });

    it("Probing container should be restarted with a GRPC liveness probe", async () => {
      await isRestarted(
        kit,
        await kit.create("grpc", node(healthServer, 5000, { grpc: { port: 2333 }, timeoutSeconds: 1 })),
        /Unhealthy.* Liveness probe failed: timeout: failed to/,
      );
    });

    it("Probing container should have monotonically increasing restart count", async () => {
      await kit.until(failing, "has restarted 5 times", (now) => restartsOf(now) >= 5);
      await eventually("the watch tells of it", () => (counts.at(-1) ?? 0) >= 5);
      expect(counts).toEqual(counts.toSorted((a, b) => a - b));
      expect(counts[0]).toBe(0);
      await kit.delete(failing, 0);
    });
  },
  { withNode: true },
);

const errorServer = `
const began = Date.now();
require("node:http").createServer((_, answer) => answer.writeHead(Date.now() - began > 1000 ? 500 : 200).end())
  .on("connection", () => console.log("connected"))
  .listen(8080, process.env.POD_IP);
process.on("SIGTERM", () => process.exit(0));
`;

/** The health protocol, by hand: one frame that says SERVING, and the trailers of a call that went well. */
const healthServer = `
const server = require("node:http2").createServer();
server.on("stream", (stream, headers) => {
  console.log("asked", headers[":path"]);
  stream.respond({ ":status": 200, "content-type": "application/grpc" }, { waitForTrailers: true });
  stream.on("wantTrailers", () => stream.sendTrailers({ "grpc-status": "0" }));
  stream.end(Buffer.from([0, 0, 0, 0, 2, 8, 1]));
});
server.listen(5000, process.env.POD_IP);
process.on("SIGTERM", () => process.exit(0));
`;
