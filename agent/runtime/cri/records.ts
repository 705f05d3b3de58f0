import { join } from "node:path";
import type { ContainerFilter, ContainerRecord, Sandbox } from "../runtime.js";
import { isNotFound } from "./channel.js";
import { imageAnnotation } from "./container-config.js";
import { containerName, logDirectory, logPath, msOf, owner, podOf, podUid } from "./names.js";
import type { RuntimeService } from "./service.js";

/** A sandbox with what its containers take from it. */
export interface KnownSandbox extends Sandbox {
  readonly labels: Readonly<Record<string, string>>;
}

/**
 * What the runtime has of ours, read from it each time. CRI lists leave out addresses and ends, which take a call each:
 * those of what does not change any more are kept.
 */
export class Records {
  readonly #service: RuntimeService;
  readonly #owner: string;
  readonly #logs: string;
  readonly #ips = new Map<string, readonly string[]>();
  readonly #ended = new Map<string, ContainerRecord>();

  constructor(service: RuntimeService, of: string, logs: string) {
    this.#service = service;
    this.#owner = of;
    this.#logs = logs;
  }

  async sandboxes(labels: Readonly<Record<string, string>>, id?: string): Promise<readonly KnownSandbox[]> {
    const labelSelector = { [owner]: this.#owner, ...labels };
    const found = await this.#service.listPodSandboxes({ labelSelector, ...(id === undefined ? {} : { id }) });
    if (Object.keys(labels).length === 0 && id === undefined) keepOnly(this.#ips, found);
    return Promise.all(
      found.map(async (sandbox): Promise<KnownSandbox> => {
        const state = sandbox.state === "SANDBOX_READY" ? "ready" : "notReady";
        return {
          id: sandbox.id,
          pod: podOf(sandbox.labels),
          attempt: sandbox.metadata?.attempt ?? 0,
          state,
          createdAtMs: msOf(sandbox.createdAt) ?? 0,
          ips: await this.#ipsOf(sandbox.id),
          annotations: sandbox.annotations,
          labels: sandbox.labels,
        };
      }),
    );
  }

  async sandbox(id: string): Promise<KnownSandbox | undefined> {
    return (await this.sandboxes({}, id)).find((sandbox) => sandbox.id === id);
  }

  async #ipsOf(id: string): Promise<readonly string[]> {
    const known = this.#ips.get(id);
    if (known) return known;
    const status = await this.#service.podSandboxStatus(id).catch(orNothing);
    const ips = [status?.network?.ip ?? "", ...(status?.network?.additionalIps ?? []).map(({ ip }) => ip)].filter(
      (ip) => ip !== "",
    );
    if (ips.length > 0) this.#ips.set(id, ips);
    return ips;
  }

  async containers({ podUid: uid, sandboxId }: ContainerFilter, id?: string): Promise<readonly ContainerRecord[]> {
    const found = await this.#service.listContainers({
      labelSelector: { [owner]: this.#owner, ...(uid === undefined ? {} : { [podUid]: uid }) },
      ...(sandboxId === undefined ? {} : { podSandboxId: sandboxId }),
      ...(id === undefined ? {} : { id }),
    });
    if (uid === undefined && sandboxId === undefined && id === undefined) keepOnly(this.#ended, found);
    const records = await Promise.all(
      found.map((container) => this.#ended.get(container.id) ?? this.#read(container.id, container.podSandboxId)),
    );
    return records.flatMap((record) => record ?? []);
  }

  async container(id: string): Promise<ContainerRecord | undefined> {
    return this.#ended.get(id) ?? (await this.containers({}, id)).find((container) => container.id === id);
  }

  async logPath(id: string): Promise<string | undefined> {
    const found = await this.container(id);
    return found && this.logPathOf(found);
  }

  logPathOf({ pod, name, attempt }: Pick<ContainerRecord, "pod" | "name" | "attempt">): string {
    return join(logDirectory(this.#logs, pod), logPath(name, attempt));
  }

  forget(id: string): void {
    this.#ended.delete(id);
  }

  async #read(id: string, sandboxId: string): Promise<ContainerRecord | undefined> {
    const status = await this.#service.containerStatus(id).catch(orNothing);
    if (!status) return undefined;
    const { annotations, labels } = status;
    const base = {
      id,
      sandboxId,
      pod: podOf(labels),
      name: labels[containerName] ?? "",
      attempt: status.metadata?.attempt ?? 0,
      createdAtMs: msOf(status.createdAt) ?? 0,
      image: annotations[imageAnnotation] ?? status.image?.image ?? "",
      imageId: status.imageRef,
      annotations,
    };
    const startedAtMs = msOf(status.startedAt);
    const started = startedAtMs === undefined ? {} : { startedAtMs };
    if (status.state === "CONTAINER_CREATED") return { ...base, state: "created" };
    if (status.state === "CONTAINER_RUNNING") return { ...base, ...started, state: "running" };
    const isLost = status.state === "CONTAINER_UNKNOWN" || status.reason === "Unknown";
    const record: ContainerRecord = {
      ...base,
      ...started,
      state: "exited",
      finishedAtMs: msOf(status.finishedAt) ?? base.createdAtMs,
      exitCode: isLost ? lostExitCode : status.exitCode,
      reason: isLost ? "ContainerStatusUnknown" : status.reason,
      ...(status.message === "" ? {} : { message: status.message }),
    };
    if (status.state === "CONTAINER_EXITED") this.#ended.set(id, record);
    return record;
  }
}

/** Nobody saw how it ended. */
const lostExitCode = 137;

function keepOnly(map: Map<string, unknown>, found: readonly { readonly id: string }[]): void {
  const ids = new Set(found.map(({ id }) => id));
  for (const id of map.keys()) if (!ids.has(id)) map.delete(id);
}

function orNothing(error: unknown): undefined {
  if (isNotFound(error)) return undefined;
  throw error;
}
