import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { deployments } from "../api/apps/deployment.js";
import { configMaps } from "../api/core/config-map.js";
import { secrets } from "../api/core/secret.js";
import { type Cluster, startCluster, stopClusters, temporaryDir } from "./harness/cluster.js";
import { describeHelms, type Helm, helmFor, writeChart } from "./harness/helm.js";
import { shopChart } from "./harness/helm-charts.js";
import { HelmRequests, replayedCharts } from "./harness/helm-requests.js";
import { listPods, readyPods } from "./harness/pods.js";
import { eventually } from "./harness/run.js";

let cluster: Cluster;
beforeAll(async () => {
  cluster = await startCluster();
});
afterAll(stopClusters);

const testTimeoutMs = 120_000;
const wait = ["--wait", "--timeout", "60s"];

describeHelms("the life of a release", ({ major, version, path }) => {
  const namespace = `shop-${version.replaceAll(".", "-")}`;
  const home = temporaryDir();
  const chart = writeChart(home, "shop", shopChart);
  let helm: Helm;
  afterAll(() => rmSync(home, { recursive: true }));
  beforeAll(() => {
    helm = helmFor(cluster, { path, namespace, home });
  });

  const settings = async (name = "web-settings") =>
    (await cluster.client.get(configMaps, { namespace, name })).data ?? {};
  const environment = async () => {
    const { spec } = await cluster.client.get(deployments, { namespace, name: "web" });
    return spec.template.spec?.containers[0]?.env?.map((each) => `${each.name}=${each.value}`);
  };
  const inNamespace = (...args: readonly string[]) => cluster.ok(["-n", namespace, ...args]);
  const failing = async (...args: readonly string[]): Promise<string> => {
    const { code, stderr } = await helm.run(...args);
    expect(code).toBe(1);
    return stderr;
  };
  const atomic = major === 3 ? "--atomic" : "--rollback-on-failure";

  it(
    "installs into a namespace that it makes, and waits until the pods are ready",
    async () => {
      const values = join(home, "values.yaml");
      writeFileSync(values, "greeting: hallo\ndb: { size: large }\nglobal: { zone: north }\n");
      const tried = await helm.ok("install", "web", chart, "--dry-run=server", "-f", values);
      expect(tried).toContain("greeting: hallo");
      expect((await cluster.navctl(["get", "namespace", namespace])).stderr).toContain("NotFound");

      const from = ["-f", values, "--set", "shape=round,greeting=hello"];
      const told = await helm.ok("install", "web", chart, "--create-namespace", ...from, ...wait);
      expect(told).toMatch(/STATUS: deployed\nREVISION: 1\n(DESCRIPTION: Install complete\n)?NOTES:\nweb says hello/);
      expect((await listPods(cluster, { namespace })).map(({ status }) => status?.phase)).toEqual(["Running"]);
      expect(await settings()).toEqual({ greeting: "hello", shape: "round" });
      expect(await settings("web-db")).toEqual({ size: "large", zone: "north" });
      expect(await failing("install", "web", chart)).toMatch(/cannot re-?use a name that is still in use/);
    },
    testTimeoutMs,
  );

  it(
    "is listed and told of",
    async () => {
      expect(await helm.json("list")).toMatchObject([
        { name: "web", namespace, revision: "1", status: "deployed", chart: "shop-0.1.0", app_version: "1.0" },
      ]);
      expect(await helm.json("list", "-A", "--filter", "^web$", "--deployed")).toContainEqual(
        expect.objectContaining({ namespace }),
      );
      const status = await helm.ok("status", "web", ...(major === 3 ? ["--show-resources"] : []));
      expect(status).toMatch(/==> v1\/Deployment\nNAME +READY +UP-TO-DATE +AVAILABLE +AGE\nweb +1\/1 +1 +1 +\S+\n/);
      expect(status).toMatch(/==> v1\/Pod\(related\)\nNAME +READY +STATUS +RESTARTS +AGE\nweb-\S+ +1\/1 +Running +0 /);
      expect(await helm.json("get", "values", "web")).toMatchObject({ greeting: "hello", db: { size: "large" } });
      expect(await helm.json("get", "values", "web", "--all")).toMatchObject({ image: "busybox", replicas: 1 });
      expect(await helm.ok("get", "manifest", "web")).toContain("# Source: shop/charts/db/templates/settings.yaml");
      expect(await helm.ok("get", "notes", "web")).toContain("web says hello in revision 1");
      expect(await helm.ok("get", "all", "web")).toContain("helm.sh/hook: test");
      expect(await cluster.client.get(secrets, { namespace, name: "sh.helm.release.v1.web.v1" })).toMatchObject({
        type: "helm.sh/release.v1",
        metadata: { labels: { name: "web", owner: "helm", status: "deployed", version: "1" } },
      });
    },
    testTimeoutMs,
  );

  it(
    "is tested by a pod, whose log is shown and whose failure is told",
    async () => {
      const good = await helm.ok("test", "web", "--logs");
      expect(good).toMatch(/TEST SUITE: +web-check\n.*\n.*\nPhase: +Succeeded\n/);
      expect(good).toContain("POD LOGS: web-check\nchecked\n");
      await helm.ok("upgrade", "web", chart, "--reuse-values", "--set", "checkCode=3");
      expect(await failing("test", "web")).toMatch(/web-check failed/);
      expect(await helm.history("web")).toEqual(["1 superseded", "2 deployed"]);
    },
    testTimeoutMs,
  );

  it(
    "is upgraded: what others changed stays, what left the chart goes",
    async () => {
      const body = { metadata: { annotations: { mine: "yes" } }, data: { theirs: "1" } };
      await cluster.client.patch(configMaps, { namespace, name: "web-settings" }, { type: "merge", body });
      await inNamespace("set", "env", "deployment/web", "THEIRS=1");
      const upgrade = ["upgrade", "--install", "web", chart, "--reuse-values", ...wait];
      await helm.ok(...upgrade, "--set", "greeting=salut,shape=,replicas=2");
      expect(await settings()).toEqual({ greeting: "salut", theirs: "1" });
      expect(await environment()).toEqual(["GREETING=salut", "THEIRS=1"]);
      const { items } = await cluster.client.list(configMaps, { namespace });
      expect(items.map(({ metadata: { name } }) => name)).toEqual(["kube-root-ca.crt", "web-db", "web-settings"]);
      const { metadata } = await cluster.client.get(configMaps, { namespace, name: "web-settings" });
      expect(metadata.annotations).toEqual({
        mine: "yes",
        "meta.helm.sh/release-name": "web",
        "meta.helm.sh/release-namespace": namespace,
      });
      expect(metadata.labels).toEqual({ "app.kubernetes.io/managed-by": "Helm" });
      expect(await readyPods(cluster, 2, { namespace, labelSelector: "app=web" })).toHaveLength(2);
    },
    testTimeoutMs,
  );

  it(
    "fails to become what never gets ready, or what may not change, and is rolled back",
    async () => {
      const never = ["--set", "image=nobody-has-this:1", "--wait", "--timeout", "1s"];
      expect(await failing("upgrade", "web", chart, "--reuse-values", ...never)).toContain("context deadline exceeded");
      expect((await helm.history("web")).slice(-2)).toEqual(["3 deployed", "4 failed"]);
      expect(await failing("upgrade", "web", chart, "--set", "app=other")).toContain(
        'Deployment.apps "web" is invalid: spec.selector: Invalid value: {"matchLabels":{"app":"other"}}: field is immutable',
      );
      await helm.ok("rollback", "web", "3", ...wait);
      expect((await helm.history("web")).slice(-4)).toEqual(["3 superseded", "4 failed", "5 failed", "6 deployed"]);
      expect(await readyPods(cluster, 2, { namespace, labelSelector: "app=web" })).toHaveLength(2);
      expect(await environment()).toContain("GREETING=salut");
    },
    testTimeoutMs,
  );

  it(
    "goes back by itself when an upgrade fails, and goes altogether when an install does",
    async () => {
      const closed = ["--set", "greeting=never,gateCode=1", atomic, "--timeout", "60s"];
      expect(await failing("upgrade", "web", chart, ...closed)).toContain("has been rolled back due to");
      expect((await helm.history("web")).slice(-3)).toEqual(["6 superseded", "7 failed", "8 deployed"]);
      expect(await settings()).toMatchObject({ greeting: "salut" });
      expect(await failing("install", "second", chart, ...closed)).toContain("has been uninstalled due to");
      expect(await helm.json("list")).toMatchObject([{ name: "web" }]);
    },
    testTimeoutMs,
  );

  it(
    "is uninstalled, with or without its history",
    async () => {
      await helm.ok("uninstall", "web", "--keep-history");
      expect(await helm.json("list", "--uninstalled")).toMatchObject([{ name: "web", status: "uninstalled" }]);
      await helm.ok("rollback", "web", "1");
      expect(await settings()).toMatchObject({ greeting: "hello" });
      await helm.ok("uninstall", "web", "--cascade", "foreground", ...wait);
      expect(await failing("status", "web")).toContain("release: not found");
      const left = ["get", "deployments,replicasets,services,configmaps", "-o", "name"];
      expect(await inNamespace(...left)).toBe("configmap/kube-root-ca.crt\n");
      expect((await cluster.client.list(secrets, { namespace })).items).toEqual([]);
      await eventually(
        "its pods are gone",
        async () => (await listPods(cluster, { namespace, labelSelector: "app=web" })).length === 0,
      );
    },
    testTimeoutMs,
  );
});

/** Its requests, for machines that have no Helm. */
it(
  "a release is installed, upgraded, rolled back and uninstalled by the requests that Helm makes",
  async () => {
    const { first, second } = replayedCharts;
    const namespace = "default";
    const greeting = async () =>
      (await cluster.client.get(deployments, { namespace, name: "web" })).spec.template.spec?.containers[0]?.env?.[0];
    const release = new HelmRequests(cluster.client, "shop");
    await release.install(first);
    expect(await release.history()).toEqual(["1 deployed"]);
    expect(await readyPods(cluster, 1, { labelSelector: "app=web" })).toHaveLength(1);

    await cluster.ok(["annotate", "configmap", "settings", "mine=yes"]);
    await release.upgrade(2, first, second);
    expect(await release.history()).toEqual(["1 superseded", "2 deployed"]);
    const { data, metadata } = await cluster.client.get(configMaps, { namespace, name: "settings" });
    expect(data).toEqual({ a: "2" });
    expect(metadata.annotations).toMatchObject({ mine: "yes", "meta.helm.sh/release-name": "shop" });
    expect((await cluster.navctl(["get", "configmap", "extra"])).stderr).toContain("NotFound");
    expect(await greeting()).toMatchObject({ value: "salut" });

    await release.upgrade(3, second, first);
    expect(await release.history()).toEqual(["1 superseded", "2 superseded", "3 deployed"]);
    expect(await greeting()).toMatchObject({ value: "hello" });
    await release.uninstall(first);
    expect((await cluster.client.list(secrets, { namespace })).items).toEqual([]);
    await eventually("its pods are gone", async () => (await listPods(cluster)).length === 0);
  },
  testTimeoutMs,
);
