import { type Pod, pods } from "../../api/core/pod/pod.js";
import { isReady, onRuntimes, type PodKit, podIp, script, waits, webServer, www } from "../harness/conformance.js";
import { eventually } from "../harness/run.js";

const restartsOf = ({ status }: Pod): number => status?.containerStatuses?.[0]?.restartCount ?? 0;
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
const often = { periodSeconds: 1, failureThreshold: 1 } as const;

async function isRestarted(kit: PodKit, pod: Pod, why: RegExp): Promise<void> {
  await kit.until(pod, "is restarted", (now) => restartsOf(now) > 0);
  const told = await kit.cluster.ok(["events", "-n", kit.namespace, "--for", `pod/${pod.metadata.name}`]);
  expect(told).toMatch(why);
  expect(told).toMatch(/Killing.* failed liveness probe, will be restarted/);
  await kit.delete(pod, 0);
}

/** Well, and left alone, for several periods. */
async function isLeftAlone(kit: PodKit, pod: Pod): Promise<void> {
  await kit.ready(pod);
  await pause(2_500);
  const now = await kit.get(pod);
  expect([isReady(now), restartsOf(now)]).toEqual([true, 0]);
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
  containers: [{ ...webServer(before), livenessProbe: { ...often, ...livenessProbe } }],
  volumes: [www],
});

onRuntimes(
  ["process", "cri"],
  "probes",
  (kit) => {
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
      expect(readyMs - startedMs).toBeGreaterThanOrEqual(2_000);
      expect(restartsOf(pod)).toBe(0);
      await kit.delete(pod, 0);
    });

    it("Probing container with readiness probe that fails should never be ready and never restart", async () => {
      const readinessProbe = { exec: { command: ["false"] }, ...often };
      const pod = await kit.create("unready", {
        containers: [{ name: "test", image: "busybox", command: waits, readinessProbe }],
      });
      await kit.phase(pod, "Running");
      for (let round = 0; round < 10; round++) {
        const now = await kit.get(pod);
        expect([isReady(now), restartsOf(now)]).toEqual([false, 0]);
        await pause(250);
      }
      await kit.delete(pod, 0);
    });

    it("Probing container should be restarted with an exec cat liveness probe", async () => {
      const pod = await kit.create("cat", health("echo ok >/www/health; sleep 2; rm /www/health; sleep 600", often));
      await isRestarted(kit, pod, /Unhealthy.* Liveness probe failed: cat: /);
    });

    it("Probing container should not be restarted with an exec cat liveness probe", async () => {
      await isLeftAlone(kit, await kit.create("cat", health("echo ok >/www/health; sleep 600", often)));
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
      await isLeftAlone(kit, await kit.create("http", web("echo ok >/www/healthz", liveness)));
    });

    it("Probing container should not be restarted with a tcp:8080 liveness probe", async () => {
      await isLeftAlone(kit, await kit.create("tcp", web(":", { tcpSocket: { port: 8080 }, failureThreshold: 5 })));
    });

    const grpc = (port: number) => ({
      containers: [
        {
          name: "test",
          image: "node",
          command: ["node", "-e", healthServer],
          env: [podIp],
          livenessProbe: { grpc: { port }, initialDelaySeconds: 1, ...often },
        },
      ],
    });

    it("Probing container should not be restarted with a GRPC liveness probe", async () => {
      await isLeftAlone(kit, await kit.create("grpc", grpc(5000)));
    });

    it("Probing container should be restarted with a GRPC liveness probe", async () => {
      await isRestarted(
        kit,
        await kit.create("grpc", grpc(2333)),
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
  { withNode: true, flags: ["--max-container-restart-period", "1s"] },
);

/** The health protocol, by hand: one frame that says SERVING, and the trailers of a call that went well. */
const healthServer = `
const server = require("node:http2").createServer();
server.on("stream", (stream) => {
  stream.respond({ ":status": 200, "content-type": "application/grpc" }, { waitForTrailers: true });
  stream.on("wantTrailers", () => stream.sendTrailers({ "grpc-status": "0" }));
  stream.end(Buffer.from([0, 0, 0, 0, 2, 8, 1]));
});
server.listen(5000, process.env.POD_IP);
process.on("SIGTERM", () => process.exit(0));
`;
