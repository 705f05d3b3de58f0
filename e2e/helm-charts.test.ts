import { randomBytes } from "node:crypto";
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { customResourceDefinitions } from "../api/apiextensions/custom-resource-definition.js";
import { builtins } from "../api/catalogue.js";
import { configMaps } from "../api/core/config-map.js";
import { namespaces } from "../api/core/namespace.js";
import { pods } from "../api/core/pod/pod.js";
import { secrets } from "../api/core/secret.js";
import { serviceAccounts } from "../api/core/service-account.js";
import { roleBindings } from "../api/rbac/role-binding.js";
import { type Cluster, startCluster, stopClusters, temporaryDir } from "./harness/cluster.js";
import { describeHelms, type Helm, helmFor, writeChart } from "./harness/helm.js";
import {
  askingChart,
  definitionChart,
  hooksChart,
  jobChart,
  kindsChart,
  mapChart,
  wrongChart,
} from "./harness/helm-charts.js";
import { describeWith, findTool } from "./harness/needs.js";
import { listPods, readyPods } from "./harness/pods.js";
import { eventually } from "./harness/run.js";
import { record } from "./harness/watching.js";

let cluster: Cluster;
beforeAll(async () => {
  cluster = await startCluster();
});
afterAll(stopClusters);

const testTimeoutMs = 120_000;
/** The kinds of the chart of many kinds. */
const kinds = builtins.filter(({ kind }) =>
  Object.values(kindsChart).some((file) => file.includes(`\nkind: ${kind}\n`)),
);

const changedByOthers = (namespace: string, name: string, data: Readonly<Record<string, string>>) =>
  cluster.client.patch(configMaps, { namespace, name }, { type: "merge", body: { data } }, { fieldManager: "others" });

describeHelms("what charts hold", ({ major, version, path }) => {
  const namespace = `charts-${version.replaceAll(".", "-")}`;
  const home = temporaryDir();
  let helm: Helm;
  afterAll(() => rmSync(home, { recursive: true }));
  beforeAll(async () => {
    helm = helmFor(cluster, { path, namespace, home });
    await cluster.client.create(namespaces, { metadata: { name: namespace } });
  });
  const failing = async (...args: readonly string[]): Promise<string> => {
    const { code, stderr } = await helm.run(...args);
    expect(code).toBe(1);
    return stderr;
  };
  /** Names of what is there of those kinds, each with its version; what Helm wrote of it where a controller writes too. */
  const held = async (): Promise<ReadonlyMap<string, string>> => {
    const lists = await Promise.all(
      kinds.map(async (definition) => {
        const { kind, scope, subresources, notBuilt } = definition;
        const isShared = subresources.status === true && notBuilt === undefined;
        const { items } = await cluster.client.list(definition, scope === "Namespaced" ? { namespace } : {});
        return items.map(({ metadata: { name, resourceVersion, managedFields = [] } }): [string, string] => {
          const byHelm = managedFields.filter(({ manager }) => manager === "helm");
          return [`${kind}/${name}`, isShared ? JSON.stringify(byHelm) : resourceVersion];
        });
      }),
    );
    return new Map(lists.flat());
  };
  const dataOf = async (name: string) => (await cluster.client.get(configMaps, { namespace, name })).data ?? {};

  it(
    "asks the server what it is, what it serves and what it holds",
    async () => {
      const chart = writeChart(home, "asks", askingChart);
      await helm.ok("install", "asks", chart);
      const { metadata } = await cluster.client.get(namespaces, { name: "kube-system" });
      const answers = { version: expect.stringMatching(/^v1\.36\.\d/), minor: "36", has: "true true false true" };
      expect(await dataOf("asks")).toEqual({ ...answers, uid: metadata.uid, nobody: "{}" });
      const offline = await helm.ok(
        "template",
        "asks",
        chart,
        "--kube-version",
        "1.30.0",
        "-a",
        "batch/v1beta1/CronJob",
      );
      expect(offline).toMatch(/version: v1\.30\.0\n.*uid: none\n/s);
      expect(await helm.ok("template", "asks", chart, "--validate")).toMatch(/version: v1\.36\.\d/);
      expect(await helm.ok("template", "asks", chart, "--dry-run=server")).toContain(`uid: ${metadata.uid}`);
    },
    testTimeoutMs,
  );

  it(
    "holds any kind; an upgrade to the same changes nothing; what is uninstalled is gone but what is to stay",
    async () => {
      const chart = writeChart(home, "kinds", kindsChart);
      const { stderr, code } = await helm.run("install", "kinds", chart);
      expect(code).toBe(0);
      expect(stderr).toContain("no controller for StatefulSet runs in this cluster yet");
      expect(stderr.split("\n").filter((line) => line !== "" && !/no controller for|has no effect/.test(line))).toEqual(
        [],
      );
      const before = await held();
      const made = [...before.keys()].filter((name) => /\/(kinds(-headless)?|charts-.*-kinds)$/.test(name));
      expect(made).toHaveLength(25);

      await helm.ok("upgrade", "kinds", chart);
      const after = await held();
      expect(made.filter((name) => after.get(name) !== before.get(name))).toEqual([]);

      expect(await helm.ok("uninstall", "kinds")).toContain("[ConfigMap] kinds\n");
      const left = [...(await held()).keys()];
      expect(left.filter((name) => made.includes(name))).toEqual(["ConfigMap/kinds"]);
    },
    testTimeoutMs,
  );

  it(
    "runs hooks in their order and deletes them as they say",
    async () => {
      const chart = writeChart(home, "hooks", hooksChart);
      const hooks = await record(cluster.client, pods, { namespace });
      const left = async () =>
        (await listPods(cluster, { namespace })).map(({ metadata, status }) => `${metadata.name} ${status?.phase}`);
      await helm.ok("install", "hooks", chart);
      expect([...hooks.seen.keys()]).toEqual(["c-first", "a-second", "b-third", "last"]);
      expect(await left()).toEqual(["a-second Succeeded", "c-first Succeeded", "last Succeeded"]);
      const told = await failing("upgrade", "hooks", chart, "--set", "fail=true");
      expect(told).toMatch(/pre-upgrade hooks failed: .*pod broken failed/s);
      expect(await helm.history("hooks")).toEqual(["1 deployed", "2 failed"]);
      expect(await dataOf("hooks")).toEqual({ revision: "1" });
      await helm.ok("rollback", "hooks", "1");
      await helm.ok("uninstall", "hooks");
      expect(await left()).toEqual(["a-second", "back", "bye", "c-first", "last"].map((name) => `${name} Succeeded`));
      await eventually("the last hook was seen", () => hooks.seen.has("bye"));
      expect([...hooks.seen.keys()].slice(4)).toEqual(["broken", "back", "bye"]);
      await hooks.stop();
    },
    testTimeoutMs,
  );

  it(
    "fails with words that say why, where nothing could ever come of it",
    async () => {
      const job = await failing("install", "job", writeChart(home, "job", jobChart), "--timeout", "1s");
      expect(job).toContain("no controller for Job runs in this cluster yet");
      expect(job).toMatch(/failed pre-install: .*(timed out|deadline)/s);

      const gizmos = writeChart(home, "gizmos", definitionChart);
      const { code, stderr } = await helm.run("install", "gizmos", gizmos, "--timeout", "60s");
      expect([code, stderr]).toEqual([
        0,
        expect.stringContaining("CustomResourceDefinition has no effect in this cluster yet"),
      ]);
      expect(await failing("install", "gizmo", gizmos, "--set", "gizmo=true")).toContain(
        'no matches for kind "Gizmo" in version "example.com/v1"\nensure CRDs are installed first',
      );
      await cluster.client.delete(customResourceDefinitions, { name: "gizmos.example.com" });
      if (major > 3) {
        const waiting = await failing("install", "gizmo", gizmos, "--wait", "--timeout", "60s");
        expect(waiting).toContain("status: Failed, message: this cluster serves no custom resources yet");
        await cluster.client.delete(customResourceDefinitions, { name: "gizmos.example.com" });
      }

      const wrong = await helm.run("install", "wrong", writeChart(home, "wrong", wrongChart));
      expect([wrong.code, wrong.stderr]).toEqual(
        major === 3
          ? [0, expect.stringMatching(/unknown field .*spec\.nonsense/)]
          : [1, expect.stringContaining(".spec.nonsense: field not declared in schema")],
      );
    },
    testTimeoutMs,
  );

  it(
    "comes in releases of up to a mebibyte",
    async () => {
      const chart = writeChart(home, "big", { ...mapChart, "noise.txt": randomBytes(400_000).toString("base64") });
      for (let revision = 1; revision <= 3; revision++)
        await helm.ok("upgrade", "--install", "big", chart, "--history-max", "2", "--set", `mine=${revision}`);
      expect(await helm.history("big")).toEqual(["2 superseded", "3 deployed"]);
      const { data = {} } = await cluster.client.get(secrets, { namespace, name: "sh.helm.release.v1.big.v3" });
      expect(data.release?.length).toBeGreaterThan(700_000);
      expect(await dataOf("big")).toEqual({ mine: "3" });
      const larger = writeChart(home, "larger", { ...mapChart, "noise.txt": randomBytes(900_000).toString("base64") });
      expect(await failing("install", "larger", larger)).toContain(
        'Secret "sh.helm.release.v1.larger.v1" is invalid: data: Too long: may not be more than 1048576 bytes',
      );
    },
    testTimeoutMs,
  );

  it(
    "takes over only what is marked as the release's own, or what it is told to",
    async () => {
      const chart = writeChart(home, "map", mapChart);
      const theirs = (name: string) =>
        cluster.client.create(configMaps, { metadata: { name, namespace }, data: { theirs: "1" } });
      await theirs("found");
      expect(await failing("install", "found", chart)).toContain(
        `ConfigMap "found" in namespace "${namespace}" exists and cannot be imported into the current release`,
      );
      const labels = { "app.kubernetes.io/managed-by": "Helm" };
      const annotations = { "meta.helm.sh/release-name": "found", "meta.helm.sh/release-namespace": namespace };
      const body = { metadata: { labels, annotations } };
      await cluster.client.patch(configMaps, { namespace, name: "found" }, { type: "merge", body });
      await helm.ok("install", "found", chart);
      expect(await dataOf("found")).toEqual({ theirs: "1", mine: "1" });
      await theirs("taken");
      await helm.ok("install", "taken", chart, "--take-ownership");
      expect(await dataOf("taken")).toEqual({ theirs: "1", mine: "1" });
    },
    testTimeoutMs,
  );

  it(
    "overwrites what others changed: always, by force, or in place of the whole object",
    async () => {
      const chart = writeChart(home, "map", mapChart);
      const upgrade = ["upgrade", "--install", "forced", chart];
      await helm.ok(...upgrade);
      await changedByOthers(namespace, "forced", { mine: "theirs", theirs: "1" });
      if (major === 3) {
        await helm.ok(...upgrade, "--set", "mine=2");
        expect(await dataOf("forced")).toEqual({ mine: "2", theirs: "1" });
        await helm.ok(...upgrade, "--set", "mine=3", "--force");
      } else {
        expect(await failing(...upgrade, "--set", "mine=2")).toContain(
          'Apply failed with 1 conflict: conflict with "others" using v1: .data.mine',
        );
        await helm.ok(...upgrade, "--set", "mine=2", "--force-conflicts");
        expect(await dataOf("forced")).toEqual({ mine: "2", theirs: "1" });
        await helm.ok(...upgrade, "--set", "mine=4", "--server-side=false");
        expect(await dataOf("forced")).toEqual({ mine: "4", theirs: "1" });
        await helm.ok(...upgrade, "--set", "mine=3", "--server-side=false", "--force-replace");
      }
      expect(await dataOf("forced")).toEqual({ mine: "3" });
    },
    testTimeoutMs,
  );

  it(
    "is made anew by helm create, and runs with an image that is here",
    async () => {
      await helm.ok("create", "demo");
      const image = "image.repository=my-app,image.tag=latest,livenessProbe=null,readinessProbe=null";
      await helm.ok("install", "demo", "./demo", "--set", image, "--wait", "--timeout", "60s");
      const [pod] = await readyPods(cluster, 1, { namespace, labelSelector: "app.kubernetes.io/name=demo" });
      expect(pod?.spec.containers[0]?.image).toBe("my-app:latest");
    },
    testTimeoutMs,
  );

  it(
    "is installed by one who has rights in a namespace alone, and there alone",
    async () => {
      const account = { name: "deployer", namespace };
      await cluster.client.create(serviceAccounts, { metadata: account });
      await cluster.client.create(roleBindings, {
        metadata: account,
        roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: "admin" },
        subjects: [{ kind: "ServiceAccount", name: account.name }],
      });
      const token = (await cluster.ok(["-n", namespace, "create", "token", account.name])).trim();
      const kubeconfig = join(home, "nobody");
      writeFileSync(kubeconfig, "");
      const authority = join(cluster.dataDir, "pki", "ca.crt");
      const identity = ["--kube-apiserver", cluster.url, "--kube-ca-file", authority, "--kube-token", token];
      const deployer = helmFor({ kubeconfig }, { path, namespace, home });
      await deployer.ok("install", "theirs", writeChart(home, "map", mapChart), ...identity);
      expect(await deployer.ok("list", "--filter", "theirs", "-q", ...identity)).toBe("theirs\n");
      const everywhere = await deployer.run("list", "-A", ...identity);
      expect(everywhere.stderr).toContain(
        `secrets is forbidden: User "system:serviceaccount:${namespace}:deployer" cannot list resource "secrets" in API group "" at the cluster scope`,
      );
    },
    testTimeoutMs,
  );
});

describeWith(["helm-3", "helm-4"], "a release of Helm 3 in the hands of Helm 4", () => {
  it(
    "is its own from then on: what left the chart goes, what others wrote stays",
    async () => {
      const namespace = "default";
      const home = temporaryDir();
      const chart = writeChart(home, "map", mapChart);
      const [three, four] = [3, 4].map((major) =>
        helmFor(cluster, { path: findTool(`helm-${major}`) ?? "", namespace, home }),
      );
      const get = () => cluster.client.get(configMaps, { namespace, name: "old" });
      await three?.ok("install", "old", chart, "--set", "more=1");
      await changedByOthers(namespace, "old", { theirs: "1" });
      await four?.ok("upgrade", "old", chart, "--set", "mine=2", "--server-side=true");
      const { data, metadata } = await get();
      expect(data).toEqual({ mine: "2", theirs: "1" });
      expect(metadata.managedFields?.map(({ manager, operation }) => `${manager} ${operation}`)).toEqual([
        "helm Apply",
        "others Update",
      ]);
      await three?.ok("upgrade", "old", chart, "--set", "mine=3");
      expect((await get()).data).toEqual({ mine: "3", theirs: "1" });
      rmSync(home, { recursive: true });
    },
    testTimeoutMs,
  );
});
