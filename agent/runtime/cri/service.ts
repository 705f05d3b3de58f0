import type { Clock } from "../../../base/clock.js";
import type { FilesystemUsage, ImageAuth, RuntimeCondition, RuntimeFeatures } from "../runtime.js";
import { type CallOptions, Channel, isNotFound } from "./channel.js";
import { features, withHandlers } from "./features.js";
import * as messages from "./messages.js";
import { conditionsOf, unreachable, versionProblem } from "./readiness.js";
import { signalNumbers } from "./signals.js";
import { type Decoded, type Encoded, type Message, nothing } from "./wire.js";

/** CRI's two services and what we need of containerd's own, one call a method. */
export class RuntimeService {
  readonly #channel: Channel;
  readonly #clock: Clock;
  #name = "containerd";
  #version = "unknown";
  #usesSystemd = false;
  #features = features;

  constructor(socket: string, clock: Clock) {
    this.#channel = new Channel(socket);
    this.#clock = clock;
  }

  /** As the runtime calls itself, once it was reached. */
  get name(): string {
    return this.#name;
  }

  get version(): string {
    return this.#version;
  }

  get features(): RuntimeFeatures {
    return this.#features;
  }

  ready(): Promise<void> {
    return this.#channel.ready();
  }

  /** Never throws: a runtime that cannot be asked is not ready. */
  async conditions(): Promise<readonly RuntimeCondition[]> {
    try {
      const version = await this.#ask("Version", messages.versionResponse);
      this.#name = version.runtimeName;
      this.#version = version.runtimeVersion.replace(/^v/, "");
      const problem = versionProblem(version);
      if (problem) return problem;
      const status = await this.#ask("Status", messages.statusResponse);
      this.#features = withHandlers(status.runtimeHandlers);
      return conditionsOf(status);
    } catch (error) {
      return unreachable(this.#channel.socket, error);
    }
  }

  #ask<Response>(method: string, response: Message<Response, never>): Promise<Response> {
    return this.#channel.call(`${runtime}${method}`, nothing, response, {}, { timeoutMs: statusTimeoutMs });
  }

  /** Where the runtime looks for CNI configurations, if it tells. */
  async networkFolder(): Promise<string | undefined> {
    const { cni, containerd } = await this.#settings();
    this.#usesSystemd = containerd?.runtimes?.runc?.options?.SystemdCgroup === true;
    return cni?.confDir;
  }

  /** The runtime leaves cgroups to systemd; known once `networkFolder` was asked for. */
  get usesSystemd(): boolean {
    return this.#usesSystemd;
  }

  /** The image that every sandbox runs, if it tells. */
  async sandboxImage(): Promise<string | undefined> {
    return (await this.#settings()).sandboxImage;
  }

  async #settings(): Promise<RuntimeSettings> {
    const { statusRequest, statusResponse } = messages;
    const { info } = await this.#runtime("Status", statusRequest, statusResponse, { verbose: true });
    return decodeConfig(info.config ?? "{}");
  }

  async runPodSandbox(config: Encoded<typeof messages.podSandboxConfig>, runtimeHandler: string): Promise<string> {
    const answer = await this.#runtime("RunPodSandbox", messages.runPodSandboxRequest, messages.sandboxId, {
      ...{ config, runtimeHandler },
    });
    return answer.podSandboxId;
  }

  async stopPodSandbox(podSandboxId: string): Promise<void> {
    await this.#runtime("StopPodSandbox", messages.sandboxId, nothing, { podSandboxId });
  }

  async removePodSandbox(podSandboxId: string): Promise<void> {
    await this.#runtime("RemovePodSandbox", messages.sandboxId, nothing, { podSandboxId });
  }

  async listPodSandboxes(filter: Filter): Promise<Decoded<typeof messages.listPodSandboxResponse>["items"]> {
    const { listPodSandboxRequest, listPodSandboxResponse } = messages;
    return (await this.#runtime("ListPodSandbox", listPodSandboxRequest, listPodSandboxResponse, { filter })).items;
  }

  async podSandboxStatus(podSandboxId: string) {
    const { sandboxId, podSandboxStatusResponse } = messages;
    return (await this.#runtime("PodSandboxStatus", sandboxId, podSandboxStatusResponse, { podSandboxId })).status;
  }

  async createContainer(
    podSandboxId: string,
    config: Encoded<typeof messages.containerConfig>,
    sandboxConfig: Encoded<typeof messages.podSandboxConfig>,
  ): Promise<string> {
    const request = { podSandboxId, config, sandboxConfig };
    return (await this.#runtime("CreateContainer", messages.createContainerRequest, messages.containerId, request))
      .containerId;
  }

  async startContainer(containerId: string): Promise<void> {
    await this.#runtime("StartContainer", messages.containerId, nothing, { containerId });
  }

  /** CRI counts the grace in whole seconds and knows no signal but the image's own. */
  async stopContainer(containerId: string, graceMs: number, signal?: string): Promise<void> {
    const stop = (timeout: number): Promise<unknown> =>
      this.#runtime(
        "StopContainer",
        messages.stopContainerRequest,
        nothing,
        { containerId, timeout },
        { timeoutMs: timeout * 1000 + stopSlackMs },
      );
    if (graceMs <= 0) return void (await stop(0));
    const number = signal === undefined || signal === "SIGTERM" ? undefined : signalNumbers[signal];
    const over = new AbortController();
    // The kill that is due before the runtime's own.
    const killed = this.#clock.sleep(graceMs, over.signal).then(() => (over.signal.aborted ? undefined : stop(0)));
    try {
      if (number !== undefined) {
        const request = { containerId, signal: number };
        await this.#channel.call(`${tasks}Kill`, messages.killRequest, nothing, request);
        await Promise.race([killed, this.#ended(containerId, over.signal)]);
      } else await Promise.race([stop(Math.ceil(graceMs / 1000)), killed]);
    } finally {
      over.abort();
    }
  }

  /** Resolves when the container has ended; asks, as nothing tells. */
  async #ended(containerId: string, signal: AbortSignal): Promise<void> {
    while (!signal.aborted && (await this.containerStatus(containerId))?.state === "CONTAINER_RUNNING")
      await this.#clock.sleep(endPollMs, signal);
  }

  /** What runs beside a container's own program, started by `exec`. */
  async execPrograms(containerId: string): Promise<readonly { readonly execId: string; readonly pid: number }[]> {
    const { taskEvent, listPidsResponse, processDetails } = messages;
    const { processes } = await this.#channel.call(`${tasks}ListPids`, taskEvent, listPidsResponse, { containerId });
    return processes.flatMap(({ pid, info }) =>
      info?.typeUrl.endsWith("ProcessDetails") ? [{ pid, execId: processDetails.decode(info.value).execId }] : [],
    );
  }

  async killExec(containerId: string, execId: string): Promise<void> {
    const request = { containerId, execId, signal: signalNumbers.SIGKILL ?? 9 };
    await this.#channel.call(`${tasks}Kill`, messages.killRequest, nothing, request).catch((error: unknown) => {
      if (!isNotFound(error)) throw error;
    });
  }

  async removeContainer(containerId: string): Promise<void> {
    await this.#runtime("RemoveContainer", messages.containerId, nothing, { containerId });
  }

  async listContainers(filter: Filter): Promise<Decoded<typeof messages.listContainersResponse>["containers"]> {
    const { listContainersRequest, listContainersResponse } = messages;
    return (await this.#runtime("ListContainers", listContainersRequest, listContainersResponse, { filter }))
      .containers;
  }

  async containerStatus(containerId: string) {
    const { containerStatusResponse } = messages;
    return (await this.#runtime("ContainerStatus", messages.containerId, containerStatusResponse, { containerId }))
      .status;
  }

  async updateContainerResources(
    containerId: string,
    linux: Encoded<typeof messages.linuxContainerResources>,
  ): Promise<void> {
    const request = { containerId, linux };
    await this.#runtime("UpdateContainerResources", messages.updateContainerResourcesRequest, nothing, request);
  }

  async reopenContainerLog(containerId: string): Promise<void> {
    await this.#runtime("ReopenContainerLog", messages.containerId, nothing, { containerId });
  }

  async updateRuntimeConfig(podCidr: string): Promise<void> {
    await this.#runtime("UpdateRuntimeConfig", messages.updateRuntimeConfigRequest, nothing, {
      runtimeConfig: { networkConfig: { podCidr } },
    });
  }

  execSync(containerId: string, cmd: readonly string[], options: CallOptions) {
    const { execSyncRequest, execSyncResponse } = messages;
    return this.#runtime("ExecSync", execSyncRequest, execSyncResponse, { containerId, cmd }, options);
  }

  async exec(request: Encoded<typeof messages.execRequest>): Promise<string> {
    return (await this.#runtime("Exec", messages.execRequest, messages.urlResponse, request)).url;
  }

  async attach(request: Encoded<typeof messages.attachRequest>): Promise<string> {
    return (await this.#runtime("Attach", messages.attachRequest, messages.urlResponse, request)).url;
  }

  async portForward(podSandboxId: string, port: number): Promise<string> {
    const { portForwardRequest, urlResponse } = messages;
    return (await this.#runtime("PortForward", portForwardRequest, urlResponse, { podSandboxId, port: [port] })).url;
  }

  async listContainerStats(filter: { readonly podSandboxId?: string; readonly labelSelector: Labels }) {
    const { listContainerStatsRequest, listContainerStatsResponse } = messages;
    return (
      await this.#runtime("ListContainerStats", listContainerStatsRequest, listContainerStatsResponse, { filter })
    ).stats;
  }

  async imageStatus(image: string) {
    const { imageRequest, imageStatusResponse } = messages;
    return (await this.#image("ImageStatus", imageRequest, imageStatusResponse, { image: { image } })).image;
  }

  async listImages() {
    return (await this.#image("ListImages", nothing, messages.listImagesResponse, {})).images;
  }

  async pullImage(image: string, auth: ImageAuth | undefined, signal: AbortSignal): Promise<string> {
    const request = { image: { image }, ...(auth ? { auth } : {}) };
    const options = { signal, timeoutMs: pullTimeoutMs };
    return (await this.#image("PullImage", messages.pullImageRequest, messages.pullImageResponse, request, options))
      .imageRef;
  }

  async removeImage(image: string): Promise<void> {
    await this.#image("RemoveImage", messages.imageRequest, nothing, { image: { image } });
  }

  async imageFsInfo(): Promise<readonly FilesystemUsage[]> {
    const { imageFilesystems } = await this.#image("ImageFsInfo", nothing, messages.imageFsInfoResponse, {});
    return imageFilesystems.map(({ timestamp, fsId, usedBytes, inodesUsed }) => ({
      atMs: Math.floor(timestamp / 1e6),
      mountpoint: fsId?.mountpoint ?? "",
      usedBytes: usedBytes?.value ?? 0,
      inodesUsed: inodesUsed?.value,
    }));
  }

  /** containerd's events, until the signal aborts; throws when they break off. */
  events(
    signal: AbortSignal,
    opened: () => void,
    next: (event: Decoded<typeof messages.envelope>) => void,
  ): Promise<void> {
    const filters = ["/tasks/start", "/tasks/exit", "/tasks/oom"].map((topic) => `namespace==k8s.io,topic=="${topic}"`);
    const value = { filters };
    const { subscribeRequest, envelope } = messages;
    return this.#channel.stream(`${events}Subscribe`, subscribeRequest, envelope, value, { signal, opened, next });
  }

  close(): void {
    this.#channel.close();
  }

  #runtime<Request, Response>(
    method: string,
    request: Message<unknown, Request>,
    response: Message<Response, never>,
    value: Request,
    options?: CallOptions,
  ): Promise<Response> {
    return this.#channel.call(`${runtime}${method}`, request, response, value, options);
  }

  #image<Request, Response>(
    method: string,
    request: Message<unknown, Request>,
    response: Message<Response, never>,
    value: Request,
    options?: CallOptions,
  ): Promise<Response> {
    return this.#channel.call(`/runtime.v1.ImageService/${method}`, request, response, value, options);
  }
}

/** containerd's own account of its configuration: a text of JSON. */
const decodeConfig = (text: string): RuntimeSettings => JSON.parse(text) as RuntimeSettings;
interface RuntimeSettings {
  readonly sandboxImage?: string;
  readonly cni?: { readonly confDir?: string };
  readonly containerd?: {
    readonly runtimes?: { readonly runc?: { readonly options?: { readonly SystemdCgroup?: boolean } } };
  };
}

type Labels = Readonly<Record<string, string>>;
export interface Filter {
  readonly id?: string;
  readonly podSandboxId?: string;
  readonly labelSelector?: Labels;
}

const runtime = "/runtime.v1.RuntimeService/";
const tasks = "/containerd.services.tasks.v1.Tasks/";
const events = "/containerd.services.events.v1.Events/";
const statusTimeoutMs = 3_000;
const stopSlackMs = 120_000;
const pullTimeoutMs = 3_600_000;
const endPollMs = 20;
