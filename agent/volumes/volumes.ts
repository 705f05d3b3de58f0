import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { type ConfigMap, configMaps } from "../../api/core/config-map.js";
import type { Container, VolumeMount } from "../../api/core/pod/container.js";
import { type Pod, pods } from "../../api/core/pod/pod.js";
import type { Volume } from "../../api/core/pod/volume.js";
import { type Secret, secrets } from "../../api/core/secret.js";
import { serviceAccounts } from "../../api/core/service-account.js";
import type { Clock } from "../../base/clock.js";
import { yieldToLoop } from "../../base/yield.js";
import type { Client } from "../../client/client.js";
import { unmountBelow } from "../host-mounts.js";
import { refreshHostsFile, withServices, writeHostsFile } from "../network/hosts-files.js";
import type { NameSource } from "../network/name-source.js";
import { ConfigError, type EnvSources, expand } from "../pod/env.js";
import { hostsFile, resolverFile } from "../pod/host-files.js";
import { canBeWhollyReadOnly, isWhollyReadOnly } from "../pod/mount-status.js";
import type { EnvVar, Mount, Runtime } from "../runtime/runtime.js";
import { writeAtomically } from "./atomic-files.js";
import { volumePlugins } from "./catalogue.js";
import { nobody, openFolder, ownedFiles, ownershipOf } from "./ownership.js";
import type { VolumeContext, VolumePlugin } from "./plugin.js";
import { SourceReader } from "./source-reader.js";
import { subPathIn } from "./sub-path.js";
import { mountTmpfs } from "./tmpfs.js";

export interface VolumesOptions {
  readonly client: Client;
  readonly clock: Clock;
  readonly runtime: Runtime;
  /** One directory a pod below it. */
  readonly dir: string;
  readonly nodeName: string;
  readonly hostIPs: () => readonly string[];
  readonly allocatable: () => Readonly<Record<string, string>>;
  /** The cluster's CA (PEM): stands in for kube-root-ca.crt where the namespace has none yet. */
  readonly clusterCa: string | undefined;
  /** What pods' hosts files say of Services. */
  readonly names?: NameSource;
}

/** Makes pods' volumes on this node's disk and says where containers find them. */
export class Volumes {
  readonly #options: VolumesOptions;
  readonly #configMaps: SourceReader<ConfigMap>;
  readonly #secrets: SourceReader<Secret>;
  /** What the hosts file of each pod was last made to say of Services, by uid. */
  readonly #namesTold = new Map<string, readonly string[]>();
  readonly #tokens = new Map<string, { readonly token: string; readonly renewAtMs: number }>();

  constructor(options: VolumesOptions) {
    this.#options = options;
    this.#configMaps = new SourceReader(options.client, configMaps);
    this.#secrets = new SourceReader(options.client, secrets);
  }

  /** Makes what is missing and brings files up to date. Throws ConfigError with what keeps a volume from being made. */
  async prepare(pod: Pod, signal: AbortSignal): Promise<void> {
    if (!this.#options.runtime.features.isReal) return;
    mkdirSync(this.#podDir(pod), { recursive: true, mode: 0o700 });
    for (const volume of pod.spec.volumes ?? []) {
      if (signal.aborted) return;
      await this.#make(pod, volume, signal);
    }
  }

  /** Where the container finds its volumes; where they cannot be mounted, what is not asked for by name is told by environment. */
  async mountsOf(
    pod: Pod,
    container: Container,
    attempt: number,
    podIPs: readonly string[],
    values: ReadonlyMap<string, string>,
  ): Promise<{ readonly mounts: readonly Mount[]; readonly env: readonly EnvVar[] }> {
    const canMount = this.#options.runtime.features.mounts;
    const mounts: Mount[] = [];
    const env: EnvVar[] = [];
    for (const [index, wanted] of (container.volumeMounts ?? []).entries()) {
      const automatic = isAutomatic(wanted);
      if (!canMount && !automatic)
        throw new ConfigError(
          `volumeMounts[${index}] (${wanted.mountPath}) of container ${container.name} cannot be honoured on this node: ${mountRemedy}`,
        );
      const hostPath = await this.#pathOf(pod, container, wanted, values);
      mounts.push({
        hostPath,
        containerPath: wanted.mountPath,
        readOnly: (wanted.readOnly ?? false) || isMadeByAgent(pod, wanted.name),
        optional: automatic,
        exact: wanted.subPath !== undefined || wanted.subPathExpr !== undefined,
        ...mountOptionsOf(wanted, canBeWhollyReadOnly(pod, this.#options.runtime.features)),
      });
      if (automatic && !canMount) env.push({ name: "NAVARCH_SERVICE_ACCOUNT_DIR", value: hostPath });
    }
    const termination = this.terminationFile(pod, container.name, attempt);
    mkdirSync(join(this.#podDir(pod), "containers"), { recursive: true, mode: 0o700 });
    writeFileSync(termination, "");
    // Programs of any user may leave a last word, whatever the umask.
    chmodSync(termination, 0o666);
    const path = container.terminationMessagePath;
    const isDefault = path === defaultTerminationPath;
    if (!canMount && !isDefault)
      throw new ConfigError(
        `terminationMessagePath (${path}) of container ${container.name} cannot be honoured on this node: ${mountRemedy}`,
      );
    mounts.push({ hostPath: termination, containerPath: path, readOnly: false, optional: isDefault });
    if (!canMount) env.push({ name: "NAVARCH_TERMINATION_LOG", value: termination });
    for (const { file, path, name } of this.#hostFiles(pod, podIPs)) {
      if (container.volumeMounts?.some(({ mountPath }) => mountPath === path)) continue;
      mounts.push({ hostPath: file, containerPath: path, readOnly: false, optional: true });
      if (!canMount) env.push({ name, value: file });
    }
    return { mounts, env };
  }

  /** A pod on the host's network has the host's own hosts file. */
  #hostFiles(pod: Pod, podIPs: readonly string[]) {
    const resolver = resolverFile(pod, existsSync(resolverPath) ? readFileSync(resolverPath, "utf8") : "");
    const files = [
      { path: hostsPath, name: "NAVARCH_HOSTS", text: pod.spec.hostNetwork ? undefined : this.#hosts(pod, podIPs) },
      { path: resolverPath, name: "NAVARCH_RESOLV_CONF", text: resolver },
    ];
    return files.flatMap(({ path, name, text }) => {
      if (text === undefined) return [];
      const file = join(this.#podDir(pod), path.slice("/etc/".length));
      if (path === hostsPath) writeHostsFile(file, text);
      else writeFileSync(file, text, { mode: 0o644 });
      return [{ file, path, name }];
    });
  }

  #hosts(pod: Pod, podIPs: readonly string[]): string {
    const { uid, namespace = "" } = pod.metadata;
    const lines = this.#options.names?.lines(namespace) ?? [];
    this.#namesTold.set(uid, lines);
    return withServices(hostsFile(pod, podIPs), lines);
  }

  /** Says in the hosts files of these pods, where they have some, what Services are called now. */
  async refreshNames(pods: readonly Pod[]): Promise<void> {
    const { names } = this.#options;
    if (!names) return;
    const failures: unknown[] = [];
    for (const pod of pods) {
      const { uid, namespace = "" } = pod.metadata;
      const lines = names.lines(namespace);
      if (pod.spec.hostNetwork || this.#namesTold.get(uid) === lines) continue;
      try {
        refreshHostsFile(join(this.#podDir(pod), "hosts"), lines);
        this.#namesTold.set(uid, lines);
      } catch (error) {
        failures.push(error);
      }
      await yieldToLoop();
    }
    if (failures.length > 0) throw failures[0];
  }

  /** Where a run leaves its last word. */
  terminationFile(pod: Pod, containerName: string, attempt: number): string {
    return join(this.#podDir(pod), "containers", `${containerName}.${attempt}.message`);
  }

  async configMaps(pod: Pod, names: readonly string[]): Promise<EnvSources["configMaps"]> {
    const found = await Promise.all(names.map(async (name) => [name, await this.#configMaps.read(pod, name)] as const));
    return new Map(found.flatMap(([name, object]) => (object ? [[name, object.data ?? {}] as const] : [])));
  }

  async secrets(pod: Pod, names: readonly string[]): Promise<EnvSources["secrets"]> {
    const found = await Promise.all(names.map(async (name) => [name, await this.#secrets.read(pod, name)] as const));
    return new Map(
      found.flatMap(([name, secret]) =>
        secret
          ? [
              [
                name,
                Object.fromEntries(
                  Object.entries(secret.data ?? {}).map(([key, value]) => [
                    key,
                    Buffer.from(value, "base64").toString("utf8"),
                  ]),
                ),
              ] as const,
            ]
          : [],
      ),
    );
  }

  /** Gives back the memory of a pod's volumes; without one, of all. What lies in them is lost. */
  async giveBackMemory(uid?: string): Promise<void> {
    const { dir, runtime } = this.#options;
    const below = uid === undefined ? dir : join(dir, safeName(uid));
    if (runtime.features.isReal && existsSync(below)) await unmountBelow(realpathSync(below));
  }

  /** Removes everything that was made for the pod. */
  async remove(uid: string): Promise<void> {
    await this.giveBackMemory(uid);
    await rm(join(this.#options.dir, safeName(uid)), { recursive: true, force: true });
    this.#configMaps.forget(uid);
    this.#secrets.forget(uid);
    this.#namesTold.delete(uid);
    for (const key of this.#tokens.keys()) if (key.startsWith(`${uid}/`)) this.#tokens.delete(key);
  }

  /** Uids of pods for which something is on disk. */
  known(): readonly string[] {
    return statSync(this.#options.dir, { throwIfNoEntry: false }) ? readdirSync(this.#options.dir) : [];
  }

  async #make(pod: Pod, volume: Volume, signal: AbortSignal): Promise<void> {
    const plugin = pluginOf(volume);
    try {
      const content = await plugin.content(volume, this.#context(pod, volume));
      if (signal.aborted) return;
      const dir = this.#volumeDir(pod, volume.name);
      const ownership = this.#options.runtime.features.runsAs ? nobody : ownershipOf(pod);
      if (content.type === "directory" && mkdirSync(dir, { recursive: true })) openFolder(dir, ownership);
      if (content.type === "memory") {
        mkdirSync(dir, { recursive: true });
        if (await mountTmpfs(dir, content.sizeBytes)) openFolder(dir, ownership);
      }
      if (content.type === "files") {
        const version = new Date(this.#options.clock.now()).toISOString().replaceAll(/[:.]/g, "_");
        const files = this.#options.runtime.features.runsAs ? content.files : ownedFiles(content.files, ownership);
        writeAtomically(dir, files, version);
      }
    } catch (error) {
      if (error instanceof ConfigError)
        throw new ConfigError(`MountVolume.SetUp failed for volume ${JSON.stringify(volume.name)} : ${error.message}`);
      throw error;
    }
  }

  async #pathOf(
    pod: Pod,
    container: Container,
    wanted: VolumeMount,
    values: ReadonlyMap<string, string>,
  ): Promise<string> {
    const volume = pod.spec.volumes?.find(({ name }) => name === wanted.name);
    if (!volume) throw new ConfigError(`volume ${JSON.stringify(wanted.name)} not found`);
    const plugin = pluginOf(volume);
    const content = plugin.source === "hostPath" ? await plugin.content(volume, this.#context(pod, volume)) : undefined;
    const root = content?.type === "host" ? content.path : this.#volumeDir(pod, volume.name);
    const sub = wanted.subPathExpr === undefined ? wanted.subPath : expandSubPath(wanted.subPathExpr, values);
    if (sub === undefined || sub === "") return root;
    try {
      return subPathIn(root, sub, plugin.source === "emptyDir" || plugin.source === "hostPath");
    } catch (error) {
      if (error instanceof ConfigError) throw error;
      throw new ConfigError(
        `failed to prepare subPath for volumeMount ${JSON.stringify(wanted.name)} of container ${JSON.stringify(container.name)}`,
      );
    }
  }

  #context(pod: Pod, volume: Volume): VolumeContext {
    const { nodeName, hostIPs, allocatable, runtime, clusterCa } = this.#options;
    return {
      pod,
      sources: {
        pod,
        podIPs: pod.status?.podIPs?.map(({ ip }) => ip) ?? [],
        hostIPs: hostIPs(),
        nodeName,
        allocatable: allocatable(),
      },
      allowHostAccess: runtime.features.hostAccess,
      canMountMemory: process.getuid?.() === 0 && runtime.features.mounts,
      configMap: async (name) => {
        const found = await this.#configMaps.read(pod, name);
        if (!found)
          return name === rootCaName && isAutomaticVolume(volume.name) && clusterCa !== undefined
            ? new Map([["ca.crt", Buffer.from(clusterCa)]])
            : undefined;
        return new Map([
          ...Object.entries(found.data ?? {}).map(([key, value]) => [key, Buffer.from(value)] as const),
          ...Object.entries(found.binaryData ?? {}).map(([key, value]) => [key, Buffer.from(value, "base64")] as const),
        ]);
      },
      secret: async (name) => {
        const found = await this.#secrets.read(pod, name);
        return (
          found &&
          new Map(Object.entries(found.data ?? {}).map(([key, value]) => [key, Buffer.from(value, "base64")] as const))
        );
      },
      token: (audience, seconds) => this.#token(pod, audience, seconds),
    };
  }

  /** https://kubernetes.io/docs/tasks/configure-pod-container/configure-service-account/#launch-a-pod-using-service-account-token-projection */
  async #token(pod: Pod, audience: string | undefined, expirationSeconds: number): Promise<string> {
    const { client, clock } = this.#options;
    const { uid, name, namespace = "" } = pod.metadata;
    const key = `${uid}/${audience ?? ""}/${expirationSeconds}`;
    const known = this.#tokens.get(key);
    if (known && known.renewAtMs > clock.now()) return known.token;
    const body = {
      apiVersion: "authentication.k8s.io/v1",
      kind: "TokenRequest",
      spec: {
        ...(audience === undefined ? { audiences: [] } : { audiences: [audience] }),
        expirationSeconds,
        boundObjectRef: { apiVersion: "v1", kind: pods.kind, name, uid },
      },
    };
    const answer = await client.createSub(
      serviceAccounts,
      { namespace, name: pod.spec.serviceAccountName ?? "default" },
      "token",
      body,
    );
    const token = tokenOf(answer);
    const renewAfterMs = Math.min(expirationSeconds * 1000 * renewAfterShare, renewAfterMaxMs);
    this.#tokens.set(key, { token, renewAtMs: clock.now() + renewAfterMs });
    return token;
  }

  #podDir(pod: Pod): string {
    return join(this.#options.dir, safeName(pod.metadata.uid));
  }

  #volumeDir(pod: Pod, name: string): string {
    return join(this.#podDir(pod), "volumes", safeName(name));
  }
}

/** How the mount is beyond plain, where the runtime can have it so. */
function mountOptionsOf(wanted: VolumeMount, canBe: boolean): Pick<Mount, "propagation" | "recursiveReadOnly"> {
  const { mountPropagation } = wanted;
  return {
    ...(mountPropagation === undefined || mountPropagation === "None" ? {} : { propagation: mountPropagation }),
    ...(isWhollyReadOnly(wanted, canBe) ? { recursiveReadOnly: true } : {}),
  };
}

/** Every variable must be there: a path with a hole in it leads elsewhere. */
function expandSubPath(expression: string, values: ReadonlyMap<string, string>): string {
  const missing = [...expression.matchAll(/\$\$|\$\(([^()]*)\)/g)].find(
    ([, name]) => name !== undefined && !values.has(name),
  );
  if (missing)
    throw new ConfigError(
      `failed to expand subPathExpr ${JSON.stringify(expression)}: missing value for ${JSON.stringify(missing[1])}`,
    );
  return expand(expression, values);
}

export function pluginOf(volume: Volume): VolumePlugin {
  const { name, ...sources } = volume;
  const plugin = volumePlugins.find(({ source }) => volume[source] !== undefined);
  if (plugin) return plugin;
  const source = Object.keys(sources)[0];
  if (source === undefined) throw new ConfigError(`volume ${JSON.stringify(name)} has no source`);
  throw new ConfigError(`volume ${JSON.stringify(name)}: ${source} is not supported on this node`);
}

/** The agent writes there itself, over and over, with its own rights: what a pod put in its way would be followed. */
const isMadeByAgent = ({ spec }: Pod, name: string): boolean =>
  (spec.volumes ?? []).some(
    (volume) => volume.name === name && (volume.configMap ?? volume.secret ?? volume.projected ?? volume.downwardAPI),
  );

/** Written by admission, not by the pod's author. */
const isAutomatic = ({ name, mountPath }: VolumeMount): boolean =>
  isAutomaticVolume(name) && mountPath === serviceAccountPath;
const isAutomaticVolume = (name: string): boolean => name.startsWith("kube-api-access-");
const serviceAccountPath = "/var/run/secrets/kubernetes.io/serviceaccount";
const hostsPath = "/etc/hosts";
const resolverPath = "/etc/resolv.conf";
const rootCaName = "kube-root-ca.crt";
const defaultTerminationPath = "/dev/termination-log";
/** A token is renewed when this share of its life is over. */
const renewAfterShare = 0.8;
/** And at the latest after this. */
const renewAfterMaxMs = 24 * 3600 * 1000;
const mountRemedy =
  "its containers have no mounts of their own; allow unprivileged user namespaces on the host, or run the pod on a node with containerd";

/** Uids and volume names have passed validation; a name that has not never becomes a path. */
function safeName(name: string): string {
  if (!/^[A-Za-z0-9][A-Za-z0-9._-]*$/.test(name))
    throw new ConfigError(`not usable as a file name: ${JSON.stringify(name)}`);
  return name;
}

function tokenOf(answer: unknown): string {
  if (typeof answer === "object" && answer !== null && "status" in answer) {
    const { status } = answer;
    if (typeof status === "object" && status !== null && "token" in status && typeof status.token === "string")
      return status.token;
  }
  throw new Error("the API server answered no token");
}
