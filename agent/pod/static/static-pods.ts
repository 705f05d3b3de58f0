import { type FSWatcher, watch } from "node:fs";
import { readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { isMirrorPod, mirrorAnnotation } from "../../../api/core/pod/mirror-pod.js";
import { type Pod, pods } from "../../../api/core/pod/pod.js";
import { StatusError } from "../../../apimachinery/status.js";
import { backoffMs } from "../../../base/backoff.js";
import { type Clock, toTime } from "../../../base/clock.js";
import type { Logger } from "../../../base/log.js";
import type { Client } from "../../../client/client.js";
import type { NodeView } from "../pod-source.js";
import { type Manifest, staticPodOf } from "./manifest.js";
import { mirrorOf, planMirrors } from "./mirrors.js";

export interface StaticPodsOptions {
  /** A folder of manifests, or one manifest. Absent: there are none, and no mirror is right. */
  readonly path: string | undefined;
  readonly nodeName: string;
  readonly client: Client;
  readonly clock: Clock;
  readonly log: Logger;
}

type PodHandler = (pod: Pod, gone: boolean) => void;

/**
 * Pods that manifests on this node's disk describe. They run whatever the API server says; it shows each by a mirror,
 * which this keeps. https://kubernetes.io/docs/tasks/configure-pod-container/static-pod/
 */
export class StaticPods {
  readonly #options: StaticPodsOptions;
  readonly #manifests = new Map<string, Manifest & { readonly pod: Pod | undefined }>();
  readonly #handlers = new Set<PodHandler>();
  #view: NodeView | undefined;
  #wake: () => void = () => {};
  #dirty = false;

  private constructor(options: StaticPodsOptions) {
    this.#options = options;
  }

  static async open(options: StaticPodsOptions): Promise<StaticPods> {
    const opened = new StaticPods(options);
    await opened.#read();
    return opened;
  }

  /** The node's view with the static pods in it, and without their mirrors. */
  over(view: NodeView): NodeView {
    this.#view = view;
    return {
      synced: (signal) => view.synced(signal),
      node: () => view.node(),
      onNode: (handler) => view.onNode(handler),
      pods: () => [...view.pods().filter((pod) => !isMirrorPod(pod)), ...this.#pods()],
      pod: (namespace, name) => this.#find(namespace, name) ?? view.pod(namespace, name),
      onPod: (handler) => {
        this.#handlers.add(handler);
        const unsubscribe = view.onPod((pod, gone) => {
          if (!isMirrorPod(pod)) return handler(pod, gone);
          this.#changed();
          const own = this.#find(pod.metadata.namespace ?? "", pod.metadata.name);
          if (own) handler(own, false);
        });
        for (const pod of this.#pods()) handler(pod, false);
        return () => {
          this.#handlers.delete(handler);
          unsubscribe();
        };
      },
    };
  }

  /** Follows the folder and keeps the mirrors until it is over. */
  async run(signal: AbortSignal): Promise<void> {
    const { clock, log } = this.#options;
    const watcher = this.#watch();
    for (let failures = 0; !signal.aborted; ) {
      this.#dirty = false;
      try {
        await this.#read();
        await this.#mirror(signal);
        failures = 0;
      } catch (error) {
        if (signal.aborted) break;
        failures++;
        log.warn("static pods are not shown by the API server", { error: String(error) });
      }
      const pauseMs = failures > 0 ? backoffMs(retryBackoff, failures) : checkEveryMs;
      const over = new AbortController();
      const end = (): void => over.abort();
      signal.addEventListener("abort", end, { once: true });
      if (!this.#dirty) {
        this.#wake = end;
        await clock.sleep(pauseMs, over.signal);
        // What changes a file often does so in several steps.
        await clock.sleep(settleMs, signal);
      }
      signal.removeEventListener("abort", end);
    }
    watcher?.close();
  }

  #pods(): readonly Pod[] {
    return [...this.#manifests.values()].flatMap(({ pod }) => (pod ? [this.#withStatus(pod)] : []));
  }

  #find(namespace: string, name: string): Pod | undefined {
    return this.#pods().find(({ metadata }) => metadata.namespace === namespace && metadata.name === name);
  }

  /** What was reported of it is kept by its mirror. */
  #withStatus(pod: Pod): Pod {
    const mirror = this.#view?.pod(pod.metadata.namespace ?? "", pod.metadata.name);
    const own = mirror && isMirrorPod(mirror) && mirror.metadata.annotations?.[mirrorAnnotation];
    return own === pod.metadata.uid && mirror?.status ? { ...pod, status: mirror.status } : pod;
  }

  #changed(): void {
    this.#dirty = true;
    this.#wake();
  }

  #watch(): FSWatcher | undefined {
    const { path } = this.#options;
    if (path === undefined) return undefined;
    try {
      const watcher = watch(path, { persistent: false }, () => this.#changed());
      watcher.on("error", () => watcher.close());
      return watcher;
    } catch {
      // Looking every now and then is enough.
      return undefined;
    }
  }

  /** Brings what is known of the folder up to date and tells what came, changed and went. */
  async #read(): Promise<void> {
    const { log, path } = this.#options;
    let texts: ReadonlyMap<string, string>;
    try {
      texts = path === undefined ? new Map() : await readManifests(path);
    } catch (error) {
      log.error("manifests of static pods cannot be read", { path, error: String(error) });
      return;
    }
    for (const [file, { text, pod }] of [...this.#manifests]) {
      if (texts.get(file) === text) continue;
      this.#manifests.delete(file);
      if (pod) this.#tell(pod, true);
    }
    for (const [file, text] of texts) {
      if (this.#manifests.has(file)) continue;
      const manifest = { file, text, seenAt: toTime(this.#options.clock.now()) };
      const pod = this.#parse(manifest);
      this.#manifests.set(file, { ...manifest, pod });
      if (pod) this.#tell(pod, false);
    }
  }

  #parse(manifest: Manifest): Pod | undefined {
    const { nodeName, log } = this.#options;
    try {
      const pod = staticPodOf(manifest, nodeName);
      if (!this.#find(pod.metadata.namespace ?? "", pod.metadata.name)) return pod;
      throw new Error("another file describes a pod of that name");
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      log.error("the manifest of a static pod cannot be used", { file: manifest.file, error: why });
      return undefined;
    }
  }

  #tell(pod: Pod, gone: boolean): void {
    for (const handler of [...this.#handlers]) handler(pod, gone);
  }

  async #mirror(signal: AbortSignal): Promise<void> {
    const { client } = this.#options;
    const plan = planMirrors(this.#pods(), this.#view?.pods().filter(isMirrorPod) ?? []);
    for (const { metadata } of plan.remove)
      await unless(
        ["NotFound", "Conflict"],
        client.delete(
          pods,
          { namespace: metadata.namespace ?? "", name: metadata.name },
          { gracePeriodSeconds: 0, preconditions: { uid: metadata.uid }, signal },
        ),
      );
    if (plan.create.length === 0) return;
    const node = this.#view?.node();
    if (!node) throw new Error("the node is not registered yet");
    for (const pod of plan.create)
      await unless(["AlreadyExists"], client.create(pods, mirrorOf(pod, node), { signal }));
  }
}

/** File to text; hidden files and folders are not looked into. */
async function readManifests(path: string): Promise<ReadonlyMap<string, string>> {
  const found = await stat(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return undefined;
    throw error;
  });
  if (!found) return new Map();
  const names = found.isDirectory() ? (await readdir(path)).filter((name) => !name.startsWith(".")).toSorted() : [];
  if (names.length > filesMax) throw new Error(`more than ${filesMax} files`);
  const files = found.isDirectory() ? names.map((name) => join(path, name)) : [path];
  const texts = new Map<string, string>();
  for (const file of files) {
    const info = await stat(file).catch(() => undefined);
    if (info?.isFile() && info.size <= fileMaxBytes) texts.set(file, await readFile(file, "utf8"));
  }
  return texts;
}

async function unless(reasons: readonly string[], call: Promise<unknown>): Promise<void> {
  try {
    await call;
  } catch (error) {
    if (!(error instanceof StatusError && reasons.includes(error.reason))) throw error;
  }
}

const checkEveryMs = 20_000;
const settleMs = 50;
const retryBackoff = { baseMs: 500, maxMs: 30_000 };
const filesMax = 1_000;
const fileMaxBytes = 1024 * 1024;
