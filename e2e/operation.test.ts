import { readFileSync } from "node:fs";
import { join } from "node:path";
import { configMaps } from "../api/core/config-map.js";
import { namespaces } from "../api/core/namespace.js";
import { secrets } from "../api/core/secret.js";
import { serviceAccounts } from "../api/core/service-account.js";
import { type Cluster, quickstart, startCluster, stopClusters } from "./harness/cluster.js";
import { send } from "./harness/http.js";
import { readyPods } from "./harness/pods.js";

/** What an operator sees of a cluster: its numbers, its health, its log and its end. */
describe("a cluster in operation", () => {
  let cluster: Cluster;
  beforeAll(async () => {
    cluster = await startCluster({ flags: ["--v", "8"] });
    await cluster.ok(["apply", "-f", quickstart]);
    await readyPods(cluster, 3);
  });
  afterAll(() => stopClusters());
  const get = (path: string) => send(cluster.client, "GET", path);

  it("tells its numbers under the names that dashboards know", async () => {
    const stop = new AbortController();
    const watching = cluster.client.watch(configMaps, {}, stop.signal)[Symbol.asyncIterator]();
    const first = watching.next();
    const { text } = await get("/metrics");
    const wanted = [
      /^apiserver_request_total\{verb="CREATE",group="apps",version="v1",resource="replicasets",subresource="",scope="resource",component="apiserver",dry_run="",code="201"\} [1-9]/m,
      /^apiserver_request_duration_seconds_bucket\{verb="LIST",[^}]*resource="pods",[^}]*le="0.1"\} [1-9]/m,
      /^apiserver_current_inflight_requests\{request_kind="(readOnly|mutating)"\} \d/m,
      /^apiserver_longrunning_requests\{verb="WATCH",group="",version="v1",resource="configmaps",[^}]*\} [1-9]/m,
      /^apiserver_storage_objects\{resource="pods"\} 3/m,
      /^apiserver_resource_objects\{group="apps",resource="deployments"\} 1/m,
      /^etcd_request_duration_seconds_bucket\{operation="create",group="",resource="pods",le="1"\} [1-9]/m,
      /^workqueue_adds_total\{name="replicaset"\} [1-9]/m,
      /^workqueue_depth\{name="deployment"\} 0/m,
      /^workqueue_queue_duration_seconds_count\{name="replicaset"\} [1-9]/m,
      /^workqueue_work_duration_seconds_count\{name="replicaset"\} [1-9]/m,
      /^scheduler_schedule_attempts_total\{result="scheduled",profile="default-scheduler"\} 3/m,
      /^scheduler_pending_pods\{queue="active"\} 0/m,
      /^scheduler_scheduling_attempt_duration_seconds_count\{result="scheduled",profile="default-scheduler"\} 3/m,
      /^rest_client_requests_total\{code="200",host="127.0.0.1:\d+",method="POST"\} [1-9]/m,
      /^process_resident_memory_bytes \d+/m,
      /^process_cpu_seconds_total \d/m,
    ];
    expect(wanted.filter((line) => !line.test(text))).toEqual([]);
    stop.abort();
    await first.catch(() => {});
  });

  it("tells of its health check by check, and leaves out what it is told to", async () => {
    for (const path of ["livez", "readyz", "healthz"]) {
      expect(await get(`/${path}`)).toMatchObject({ code: 200, text: "ok" });
      const { text } = await get(`/${path}?verbose`);
      expect(text).toMatch(new RegExp(`^\\[\\+\\]ping ok\\n\\[\\+\\]etcd ok\\n[^]*${path} check passed\\n$`));
      expect((await get(`/${path}/etcd`)).text).toBe("ok");
      expect((await get(`/${path}?verbose&exclude=etcd`)).text).toContain("[+]etcd excluded: ok\n");
      expect((await get(`/${path}/none`)).code).toBe(404);
    }
  });

  it("refuses a body and headers beyond its bounds, and goes on", async () => {
    const big = JSON.stringify({ metadata: { name: "big" }, data: { a: "x".repeat(4 * 1024 * 1024) } });
    const answer = await send(cluster.client, "POST", "/api/v1/namespaces/default/configmaps", big);
    expect([answer.code, answer.status.reason]).toEqual([413, "RequestEntityTooLarge"]);
    const headers = { "x-much": "y".repeat(80 * 1024) };
    const outcome = await send(cluster.client, "GET", "/version", undefined, headers).then(
      ({ code }) => code,
      () => "cut off",
    );
    expect([431, "cut off"]).toContain(outcome);
    expect((await get("/version")).code).toBe(200);
  });

  it("gives up a request when the time is over that its client allows", async () => {
    const answer = await get("/api/v1/pods?timeout=bogus");
    expect([answer.code, answer.status.reason]).toEqual([400, "BadRequest"]);
    expect((await get("/api/v1/pods?timeout=10s")).code).toBe(200);
  });

  it("writes each request to its log once and no secret ever, however much it logs", async () => {
    const marks = ["hunter2value", "hunter2token", "hunter2label", "hunter2field", "hunter2header", "hunter2map"];
    const [value = "", token = "", label = "", field = "", header = "", map = ""] = marks;
    await cluster.client.create(secrets, {
      metadata: { name: "s", namespace: "default" },
      stringData: { password: value },
    });
    await cluster.client.create(configMaps, { metadata: { name: "m", namespace: "default" }, data: { map } });
    await send(cluster.client, "GET", `/api/v1/namespaces/default/secrets?labelSelector=${label}%3Dx`);
    await send(cluster.client, "GET", `/api/v1/secrets?fieldSelector=${field}%3Dx`, undefined, { "x-mark": header });
    const made = await send(
      cluster.client,
      "POST",
      "/api/v1/namespaces/default/serviceaccounts/default/token",
      JSON.stringify({ apiVersion: "authentication.k8s.io/v1", kind: "TokenRequest", spec: {} }),
    );
    const issued: string = JSON.parse(made.text).status.token;
    for (const bearer of [token, issued, `${issued}x`])
      await send(cluster.client, "GET", "/api/v1/pods", undefined, { authorization: `Bearer ${bearer}` });
    await send(cluster.client, "PUT", "/api/v1/namespaces/default/secrets/s", `{"data":{"a":"${value}`);
    await cluster.client.get(serviceAccounts, { namespace: "default", name: "default" });
    const log = readFileSync(join(cluster.dataDir, "navarch.log"), "utf8");
    expect(log).toContain("/api/v1/namespaces/default/secrets");
    const ids = [...log.matchAll(/"message":"request",[^\n]*"requestId":"([^"]+)"/g)].map(([, id]) => id);
    expect(ids.length).toBeGreaterThan(20);
    expect(new Set(ids).size).toBe(ids.length);
    const found = [...marks, ...marks.map((mark) => Buffer.from(mark).toString("base64")), issued.split(".")[2] ?? ""];
    expect(found.filter((text) => log.includes(text))).toEqual([]);
  });

  it("ends its watches when it ends, as an answer that is complete", async () => {
    const response = await cluster.client.raw({ method: "GET", path: "/api/v1/namespaces?watch=true", headers: {} });
    const chunks: Uint8Array[] = [];
    const ended = (async () => {
      for await (const chunk of response.body) chunks.push(chunk);
      return "ended";
    })();
    await cluster.client.create(namespaces, { metadata: { name: "last" } });
    expect(await cluster.stop()).toBe(0);
    expect(await ended).toBe("ended");
    const lines = Buffer.concat(chunks).toString().trim().split("\n");
    for (const line of lines) expect(JSON.parse(line)).toMatchObject({ type: expect.any(String) });
    expect(lines.some((line) => line.includes('"name":"last"'))).toBe(true);
  });
});
