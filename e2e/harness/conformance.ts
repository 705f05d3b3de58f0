import { configMaps } from "../../api/core/config-map.js";
import { namespaces } from "../../api/core/namespace.js";
import { type Pod, pods } from "../../api/core/pod/pod.js";
import type { PodSpec } from "../../api/core/pod/spec.js";
import { secrets } from "../../api/core/secret.js";
import type { Client } from "../../client/client.js";
import { type Cluster, startCluster, stopClusters } from "./cluster.js";
import { type Containerd, containerTools, freePodRange, node, startContainerd } from "./containerd.js";
import { describeWith } from "./needs.js";
import { nodeImage, type OciImage } from "./oci-image.js";
import { eventually } from "./run.js";

export type RuntimeName = "process" | "cri";

const needs: Readonly<Record<RuntimeName, readonly string[]>> = { process: ["/bin/busybox"], cri: containerTools };

/** A cluster and what it stands on, for all suites of a file that want the same. */
interface Ground {
  readonly cluster: Cluster;
  /** Puts images on the node that no registry has. */
  importImages(images: Readonly<Record<string, OciImage>>): void;
  clear(): Promise<void>;
}

async function startGround(runtime: RuntimeName, flags: readonly string[]): Promise<Ground> {
  const all = ["--sync-frequency", "200ms", "--max-container-restart-period", "1s", ...flags];
  if (runtime === "process")
    return { cluster: await startCluster({ flags: all }), importImages: () => {}, clear: async () => {} };
  const containerd: Containerd = await startContainerd();
  const cri = ["--runtime", "cri", "--cri-socket", containerd.socket, ...freePodRange()];
  try {
    const cluster = await startCluster({ flags: [...cri, ...all] });
    return { cluster, importImages: (images) => containerd.import(images), clear: () => containerd.stop() };
  } catch (error) {
    await containerd.stop();
    throw error;
  }
}

const grounds = new Map<string, Promise<Ground>>();
let isEnding = false;

/** At the end of the file, however many suites it has. */
function clearGroundsAtEnd(): void {
  if (isEnding) return;
  isEnding = true;
  afterAll(async () => {
    await stopClusters();
    for (const ground of grounds.values())
      await ground.then(
        ({ clear }) => clear(),
        () => undefined,
      );
  });
}

interface SuiteOptions {
  /** Further ones of `navarch up`. */
  readonly flags?: readonly string[] | ((runtime: RuntimeName) => readonly string[]);
  /** Pods run the image `node`. */
  readonly withNode?: boolean;
}

/**
 * A suite of tests with pods, once for each of these runtimes, in a namespace of its own on a cluster that suites of the
 * file with the same flags share. The tests are named after upstream's.
 */
export function onRuntimes(
  names: readonly RuntimeName[],
  suite: string,
  define: (kit: PodKit) => void,
  { flags: ownFlags = [], withNode = false }: SuiteOptions = {},
): void {
  clearGroundsAtEnd();
  for (const name of names)
    describeWith(needs[name], `${suite} (${name})`, () => {
      const kit = new PodKit(name);
      beforeAll(async () => {
        const flags = typeof ownFlags === "function" ? ownFlags(name) : ownFlags;
        const key = [name, ...flags].join(" ");
        const starting = grounds.get(key) ?? startGround(name, flags);
        grounds.set(key, starting);
        await kit.settle(await starting);
        if (withNode && name === "cri") kit.importImages({ [node]: nodeImage() });
      });
      define(kit);
    });
}

let namesGiven = 0;

/** A pod's spec as tests write it: the schema's defaults are the server's to fill in. */
export type SpecDraft = { readonly [K in keyof PodSpec]?: unknown };

export interface Ran {
  readonly pod: Pod;
  readonly log: string;
}

/** What the conformance tests of pods have in common. Everything lies in one namespace of its own. */
export class PodKit {
  readonly runtime: RuntimeName;
  namespace = "";
  #ground: Ground | undefined;

  constructor(runtime: RuntimeName) {
    this.runtime = runtime;
  }

  async settle(ground: Ground): Promise<void> {
    this.#ground = ground;
    this.namespace = this.name("conformance");
    await this.client.create(namespaces, { metadata: { name: this.namespace } });
  }

  importImages(images: Readonly<Record<string, OciImage>>): void {
    this.#ground?.importImages(images);
  }

  get cluster(): Cluster {
    if (!this.#ground) throw new Error("the cluster has not been started");
    return this.#ground.cluster;
  }

  get client(): Client {
    return this.cluster.client;
  }

  /** A name that no other test has. */
  name(prefix: string): string {
    return `${prefix}-${++namesGiven}`;
  }

  create(prefix: string, spec: SpecDraft, metadata: object = {}): Promise<Pod> {
    const draft = {
      metadata: { name: this.name(prefix), namespace: this.namespace, ...metadata },
      spec: { terminationGracePeriodSeconds: 1, ...spec, ...withLocalImages(spec) },
    };
    return this.client.create(pods, draft as never);
  }

  get({ metadata: { name } }: Pod): Promise<Pod> {
    return this.client.get(pods, { namespace: this.namespace, name });
  }

  until(pod: Pod, what: string, is: (now: Pod) => unknown, timeoutMs = 60_000): Promise<Pod> {
    return eventually(
      `${pod.metadata.name} ${what}`,
      async () => {
        const now = await this.get(pod);
        if (!is(now)) throw new Error(JSON.stringify(now.status));
        return now;
      },
      { timeoutMs },
    );
  }

  ready(pod: Pod): Promise<Pod> {
    return this.until(pod, "is Ready", isReady);
  }

  phase(pod: Pod, phase: string): Promise<Pod> {
    return this.until(pod, `is ${phase}`, ({ status }) => status?.phase === phase);
  }

  /** Runs a pod of one container to its good end; answers what it wrote. */
  async run(prefix: string, container: object, spec: SpecDraft = {}, metadata: object = {}): Promise<Ran> {
    const made = await this.create(
      prefix,
      {
        restartPolicy: "Never",
        ...spec,
        containers: [{ name: "test", image: "busybox", imagePullPolicy: "IfNotPresent", ...container }],
      },
      metadata,
    );
    const pod = await this.phase(made, "Succeeded");
    return { pod, log: await this.log(pod) };
  }

  async log({ metadata: { name } }: Pod, container?: string): Promise<string> {
    const query = container === undefined ? "" : `?container=${container}`;
    const { status, body } = await this.client.raw({
      method: "GET",
      path: `/api/v1/namespaces/${this.namespace}/pods/${name}/log${query}`,
    });
    const chunks: Uint8Array[] = [];
    for await (const chunk of body) chunks.push(chunk);
    const text = Buffer.concat(chunks).toString("utf8");
    if (status !== 200) throw new Error(`log of ${name}: ${status} ${text}`);
    return text;
  }

  /** Waits until the container has written this, and answers all of it. */
  logged(pod: Pod, text: string | RegExp, container?: string): Promise<string> {
    return eventually(`${pod.metadata.name} writes ${text}`, async () => {
      const log = await this.log(pod, container);
      if (!(typeof text === "string" ? log.includes(text) : text.test(log))) throw new Error(log.slice(-500));
      return log;
    });
  }

  async delete({ metadata: { name, uid } }: Pod, gracePeriodSeconds?: number): Promise<void> {
    const grace = gracePeriodSeconds === undefined ? {} : { gracePeriodSeconds };
    await this.client.delete(pods, { namespace: this.namespace, name }, grace);
    await eventually(`${name} is gone`, async () => {
      const { items } = await this.client.list(pods, { namespace: this.namespace });
      return items.some(({ metadata }) => metadata.uid === uid) ? undefined : true;
    });
  }

  async configMap(data: Readonly<Record<string, string>>, more: object = {}): Promise<string> {
    const name = this.name("config");
    await this.client.create(configMaps, { metadata: { name, namespace: this.namespace }, data, ...more });
    return name;
  }

  async secret(data: Readonly<Record<string, string>>, more: object = {}): Promise<string> {
    const name = this.name("secret");
    await this.client.create(secrets, {
      metadata: { name, namespace: this.namespace },
      stringData: data,
      ...more,
    } as never);
    return name;
  }
}

/** Images lie on the node: there is no registry to ask again. */
function withLocalImages(spec: SpecDraft): object {
  const local = (list: unknown): unknown =>
    Array.isArray(list)
      ? list.map((container: object) => ({ imagePullPolicy: "IfNotPresent", ...container }))
      : undefined;
  const fields = (["containers", "initContainers"] as const).filter((field) => spec[field] !== undefined);
  return Object.fromEntries(fields.map((field) => [field, local(spec[field])]));
}

export const isReady = ({ status }: Pod): boolean =>
  status?.conditions?.some(({ type, status: value }) => type === "Ready" && value === "True") ?? false;

/** Runs until it is told to end, and then ends at once. */
export const waits = ["sh", "-c", "trap 'exit 0' TERM; sleep 3600 & wait"] as const;
export const script = (text: string): readonly string[] => ["sh", "-c", text];

/** Where the pod's programs may listen, as `$POD_IP`. */
export const podIp = { name: "POD_IP", valueFrom: { fieldRef: { fieldPath: "status.podIP" } } } as const;

/** A container that serves the files of the volume `www` at port 8080 and writes each path that is asked for. */
export const webServer = (before = ":"): object => ({
  name: "web",
  image: "busybox",
  command: script(`${before}; exec busybox httpd -f -vv -p "$POD_IP:8080" -h /www`),
  env: [podIp],
  ports: [{ containerPort: 8080 }],
  volumeMounts: [{ name: "www", mountPath: "/www" }],
});
export const www = { name: "www", emptyDir: {} } as const;
