import { gzipSync } from "node:zlib";
import { type Deployment, deployments } from "../../api/apps/deployment.js";
import type { Secret } from "../../api/core/secret.js";
import { createThreeWayPatch } from "../../apimachinery/patch/strategic.js";
import type { Client } from "../../client/client.js";
import { type Answer, send } from "./http.js";
import { eventually } from "./run.js";

/** One object of a chart: its collection's path and its manifest. */
export interface ChartObject {
  readonly path: string;
  readonly manifest: {
    readonly metadata: {
      readonly name: string;
      readonly labels?: Readonly<Record<string, string>>;
      readonly annotations?: Readonly<Record<string, string>>;
    };
  };
}

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

/** What a chart came to in two versions of it. */
export const replayedCharts = {
  first: [settings("settings", { a: "1", b: "1" }), settings("extra", {}), web(1, "hello")],
  second: [settings("settings", { a: "2" }), web(2, "salut")],
};

const namespace = "default";
const secrets = `/api/v1/namespaces/${namespace}/secrets`;

/** The requests that Helm 3 makes for a release, in its order, with its bodies; it waits as `--wait` does. */
export class HelmRequests {
  readonly #client: Client;
  readonly #release: string;

  constructor(client: Client, release: string) {
    this.#client = client;
    this.#release = release;
  }

  async install(chart: readonly ChartObject[]): Promise<void> {
    await this.#capabilities();
    await this.#expect(200, "GET", this.#history());
    for (const { path, manifest } of chart) await this.#expect(404, "GET", `${path}/${manifest.metadata.name}`);
    await this.#record(1, "pending-install", chart);
    for (const { path, manifest } of chart)
      await this.#expect(201, "POST", `${path}?fieldManager=helm`, this.#marked(manifest));
    await this.#wait(chart);
    await this.#relabel(1, "deployed");
  }

  async upgrade(version: number, before: readonly ChartObject[], chart: readonly ChartObject[]): Promise<void> {
    await this.#capabilities();
    await this.#expect(200, "GET", `${this.#history()},status%3Ddeployed`);
    await this.#record(version, "pending-upgrade", chart);
    for (const object of chart) await this.#apply(before, object);
    const kept = new Set(chart.map(keyOf));
    for (const object of before.filter((each) => !kept.has(keyOf(each)))) await this.#remove(object);
    await this.#wait(chart);
    await this.#relabel(version - 1, "superseded");
    await this.#relabel(version, "deployed");
  }

  async uninstall(chart: readonly ChartObject[]): Promise<void> {
    for (const object of chart.toReversed()) await this.#remove(object);
    const { items } = JSON.parse((await this.#expect(200, "GET", this.#history())).text) as {
      items: { metadata: { name: string } }[];
    };
    for (const { metadata } of items) await this.#expect(200, "DELETE", `${secrets}/${metadata.name}`);
  }

  /** Versions and their states, as `helm history` lists them. */
  async history(): Promise<readonly string[]> {
    const { items } = JSON.parse((await this.#expect(200, "GET", this.#history())).text) as {
      items: { metadata: { labels: Readonly<Record<string, string>> } }[];
    };
    return items.map(({ metadata }) => `${metadata.labels.version} ${metadata.labels.status}`);
  }

  async #capabilities(): Promise<void> {
    await this.#expect(200, "GET", "/version?timeout=32s");
    const aggregated = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json";
    for (const path of ["/api?timeout=32s", "/apis?timeout=32s"])
      await this.#expect(200, "GET", path, undefined, { accept: aggregated });
    await this.#expect(200, "GET", "/openapi/v3?timeout=32s");
  }

  async #apply(before: readonly ChartObject[], object: ChartObject): Promise<void> {
    const { path, manifest } = object;
    const named = `${path}/${manifest.metadata.name}`;
    const live = await this.#send("GET", named);
    if (live.code === 404) return void (await this.#expect(201, "POST", path, this.#marked(manifest)));
    const old = before.find((each) => keyOf(each) === keyOf(object));
    const schema = path.endsWith("/deployments") ? deployments.schema : undefined;
    const [original, modified] = [old && this.#marked(old.manifest), this.#marked(manifest)];
    const patch = createThreeWayPatch(schema, original ?? {}, modified, JSON.parse(live.text));
    const type = schema ? "application/strategic-merge-patch+json" : "application/merge-patch+json";
    await this.#expect(200, "PATCH", `${named}?fieldManager=helm`, patch, { "content-type": type });
  }

  async #remove({ path, manifest }: ChartObject): Promise<void> {
    await this.#expect(200, "DELETE", `${path}/${manifest.metadata.name}`, { propagationPolicy: "Background" });
  }

  /** Deployments have all their replicas at their newest generation. */
  async #wait(chart: readonly ChartObject[]): Promise<void> {
    for (const { path, manifest } of chart.filter((each) => each.path.endsWith("/deployments")))
      await eventually(`${manifest.metadata.name} is rolled out`, async () => {
        const answer = await this.#expect(200, "GET", `${path}/${manifest.metadata.name}`);
        const { metadata, spec, status } = JSON.parse(answer.text) as Deployment;
        return (
          status?.observedGeneration === metadata.generation &&
          status?.updatedReplicas === spec.replicas &&
          status?.readyReplicas === spec.replicas &&
          status?.replicas === spec.replicas
        );
      });
  }

  #history(): string {
    return `${secrets}?labelSelector=name%3D${this.#release},owner%3Dhelm`;
  }

  async #record(version: number, status: string, chart: readonly ChartObject[]): Promise<void> {
    const release = { name: this.#release, version, info: { status }, manifest: JSON.stringify(chart), namespace };
    const packed = gzipSync(JSON.stringify(release)).toString("base64");
    await this.#expect(201, "POST", secrets, {
      apiVersion: "v1",
      kind: "Secret",
      type: "helm.sh/release.v1",
      metadata: {
        name: `sh.helm.release.v1.${this.#release}.v${version}`,
        labels: { name: this.#release, owner: "helm", status, version: String(version) },
      },
      data: { release: Buffer.from(packed).toString("base64") },
    });
  }

  async #relabel(version: number, status: string): Promise<void> {
    const path = `${secrets}/sh.helm.release.v1.${this.#release}.v${version}`;
    const secret = JSON.parse((await this.#expect(200, "GET", path)).text) as Secret;
    const { name, labels } = secret.metadata;
    // Without a resourceVersion, as it has none of its own.
    await this.#expect(200, "PUT", path, { ...secret, metadata: { name, labels: { ...labels, status } } });
  }

  /** As Helm marks what is its own. */
  #marked<T extends ChartObject["manifest"]>(manifest: T): T {
    const { labels, annotations } = manifest.metadata;
    return {
      ...manifest,
      metadata: {
        ...manifest.metadata,
        labels: { ...labels, "app.kubernetes.io/managed-by": "Helm" },
        annotations: {
          ...annotations,
          "meta.helm.sh/release-name": this.#release,
          "meta.helm.sh/release-namespace": namespace,
        },
      },
    };
  }

  #send(method: string, path: string, body?: unknown, headers?: Readonly<Record<string, string>>): Promise<Answer> {
    return send(this.#client, method, path, body === undefined ? undefined : JSON.stringify(body), headers);
  }

  async #expect(
    code: number,
    method: string,
    path: string,
    body?: unknown,
    headers?: Readonly<Record<string, string>>,
  ): Promise<Answer> {
    const answer = await this.#send(method, path, body, headers);
    if (answer.code === code) return answer;
    throw new Error(`${method} ${path}: ${answer.code}, not ${code}: ${answer.text.slice(0, 1_000)}`);
  }
}

const keyOf = ({ path, manifest }: ChartObject): string => `${path}/${manifest.metadata.name}`;
