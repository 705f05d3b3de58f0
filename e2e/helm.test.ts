import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { deployments } from "../api/apps/deployment.js";
import { configMaps } from "../api/core/config-map.js";
import { secrets } from "../api/core/secret.js";
import { type Cluster, startCluster, stopClusters, temporaryDir } from "./harness/cluster.js";
import { type ChartObject, HelmRequests } from "./harness/helm-requests.js";
import { describeWith } from "./harness/needs.js";
import { readyPods } from "./harness/pods.js";
import { eventually, run } from "./harness/run.js";

const web = (replicas: number, greeting: string): ChartObject => ({
  path: "/apis/apps/v1/namespaces/default/deployments",
  manifest: {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name: "web" },
    spec: {
      replicas,
      selector: { matchLabels: { app: "web" } },
      template: {
        metadata: { labels: { app: "web" } },
        spec: {
          terminationGracePeriodSeconds: 0,
          containers: [
            {
              name: "web",
              image: "busybox",
              command: ["sleep", "3600"],
              env: [{ name: "GREETING", value: greeting }],
            },
          ],
        },
      },
    },
  } as ChartObject["manifest"],
});
const settings = (name: string, data: Readonly<Record<string, string>>): ChartObject => ({
  path: "/api/v1/namespaces/default/configmaps",
  manifest: { apiVersion: "v1", kind: "ConfigMap", metadata: { name }, data } as ChartObject["manifest"],
});

const charts = {
  first: [settings("settings", { a: "1", b: "1" }), settings("extra", {}), web(1, "hello")],
  second: [settings("settings", { a: "2" }), web(2, "salut")],
};

describe("what Helm asks", () => {
  let cluster: Cluster;
  beforeAll(async () => {
    cluster = await startCluster();
  });
  afterAll(stopClusters, 60_000);

  const greeting = async (): Promise<string | undefined> =>
    (await cluster.client.get(deployments, { namespace: "default", name: "web" })).spec.template.spec?.containers[0]
      ?.env?.[0]?.value;

  it("is answered: install, upgrade, rollback and uninstall of a release", async () => {
    const release = new HelmRequests(cluster.client, "shop");
    await release.install(charts.first);
    expect(await release.history()).toEqual(["1 deployed"]);
    expect(await readyPods(cluster, 1, { labelSelector: "app=web" })).toHaveLength(1);

    // What others wrote meanwhile stays; what left the chart goes.
    const annotated = ["annotate", "configmap", "settings", "mine=yes"];
    await cluster.ok(annotated);
    await release.upgrade(2, charts.first, charts.second);
    expect(await release.history()).toEqual(["1 superseded", "2 deployed"]);
    const { data, metadata } = await cluster.client.get(configMaps, { namespace: "default", name: "settings" });
    expect(data).toEqual({ a: "2" });
    expect(metadata.annotations).toMatchObject({ mine: "yes", "meta.helm.sh/release-name": "shop" });
    expect((await cluster.navctl(["get", "configmap", "extra"])).stderr).toContain("NotFound");
    expect(await greeting()).toBe("salut");

    await release.upgrade(3, charts.second, charts.first);
    expect(await release.history()).toEqual(["1 superseded", "2 superseded", "3 deployed"]);
    expect(await greeting()).toBe("hello");
    expect(await cluster.ok(["get", "configmap", "extra", "-o", "name"])).toBe("configmap/extra\n");

    await release.uninstall(charts.first);
    expect((await cluster.client.list(secrets, { namespace: "default" })).items).toEqual([]);
    await eventually("its pods are gone", async () => (await cluster.ok(["get", "pods", "-o", "name"])) === "");
  }, 90_000);
});

describeWith(["helm"], "helm", () => {
  let cluster: Cluster;
  const chart = temporaryDir();
  beforeAll(async () => {
    cluster = await startCluster();
    mkdirSync(join(chart, "templates"));
    writeFileSync(join(chart, "Chart.yaml"), "apiVersion: v2\nname: shop\nversion: 0.1.0\n");
    writeFileSync(join(chart, "values.yaml"), "greeting: hello\n");
    const template = JSON.stringify(web(1, "{{ .Values.greeting }}").manifest);
    writeFileSync(join(chart, "templates", "web.yaml"), template);
    const check = {
      apiVersion: "v1",
      kind: "Pod",
      metadata: { name: "check", annotations: { "helm.sh/hook": "test" } },
      spec: { restartPolicy: "Never", containers: [{ name: "check", image: "busybox", command: ["true"] }] },
    };
    writeFileSync(join(chart, "templates", "check.yaml"), JSON.stringify(check));
  });
  afterAll(stopClusters, 60_000);

  it("installs, upgrades, tests, rolls back and uninstalls a chart", async () => {
    const helm = async (...args: string[]): Promise<string> => {
      const { code, stdout, stderr } = await run("helm", args, {
        env: { ...process.env, KUBECONFIG: cluster.kubeconfig, HOME: chart },
      });
      expect([code, stderr]).toEqual([0, ""]);
      return stdout;
    };
    await helm("install", "shop", chart, "--wait");
    await helm("upgrade", "shop", chart, "--set", "greeting=salut", "--wait");
    await helm("test", "shop");
    await helm("rollback", "shop", "1", "--wait");
    expect(await helm("history", "shop")).toContain("Rollback to 1");
    await helm("uninstall", "shop", "--wait");
    await eventually(
      "its pods are gone",
      async () => (await cluster.ok(["get", "pods", "-l", "app=web", "-o", "name"])) === "",
    );
  }, 120_000);
});
