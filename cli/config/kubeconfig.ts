import { readFileSync, statSync } from "node:fs";
import { homedir } from "node:os";
import { delimiter, dirname, join, resolve } from "node:path";
import { CliError } from "../errors.js";
import { systemText } from "../system-text.js";

/** A kubeconfig as its file has it: fields that we do not know stay where they are. */
export interface Kubeconfig {
  apiVersion?: string;
  kind?: string;
  preferences?: unknown;
  clusters?: NamedEntry<"cluster", ClusterEntry>[] | null;
  contexts?: NamedEntry<"context", ContextEntry>[] | null;
  users?: NamedEntry<"user", UserEntry>[] | null;
  "current-context"?: string;
}
export type NamedEntry<K extends string, T> = { name: string } & { [P in K]: T };
export interface ClusterEntry {
  server?: string;
  "certificate-authority"?: string;
  "certificate-authority-data"?: string;
  "insecure-skip-tls-verify"?: boolean;
  "tls-server-name"?: string;
  "proxy-url"?: string;
}
export interface ContextEntry {
  cluster?: string;
  user?: string;
  namespace?: string;
}
export interface UserEntry {
  "client-certificate"?: string;
  "client-certificate-data"?: string;
  "client-key"?: string;
  "client-key-data"?: string;
  token?: string;
  tokenFile?: string;
  username?: string;
  password?: string;
  exec?: unknown;
  "auth-provider"?: unknown;
}

export interface LoadedConfig {
  readonly config: Kubeconfig;
  /** Files in the order in which they count; a write goes to the one that holds the entry. */
  readonly files: readonly ConfigFile[];
  /** The kubeconfig was found in the working directory, not named by the caller. */
  readonly local: boolean;
  /** The file that --kubeconfig names does not exist: fine for `config set-...`, which makes it. */
  readonly missing?: string;
}
export interface ConfigFile {
  readonly path: string;
  readonly exists: boolean;
  readonly config: Kubeconfig;
}

const fileMaxBytes = 1024 * 1024;

export interface Place {
  readonly flag: string | undefined;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
}

/** Reads the kubeconfig: --kubeconfig, then $KUBECONFIG (a list, merged), ./.navarch/kubeconfig, ~/.kube/config. */
export async function loadKubeconfig({ flag, env, cwd }: Place): Promise<LoadedConfig> {
  if (flag !== undefined && flag !== "") {
    const file = await readConfigFile(resolve(cwd, flag), flag);
    return { config: file.config, files: [file], local: false, ...(file.exists ? {} : { missing: flag }) };
  }
  const listed = (env.KUBECONFIG ?? "").split(delimiter).filter((path) => path !== "");
  if (listed.length > 0) {
    const files = await Promise.all([...new Set(listed)].map((path) => readConfigFile(resolve(cwd, path), path)));
    return { config: mergeConfigs(files.map(({ config }) => config)), files, local: false };
  }
  const local = join(cwd, ".navarch", "kubeconfig");
  const trust = localTrust(local);
  if (trust !== "absent") {
    if (trust !== "trusted")
      throw new CliError(`${local} is not used: ${trust}; name it with --kubeconfig if you trust it`);
    const file = await readConfigFile(local);
    const outside = foreignContent(file.config);
    if (outside) throw new CliError(`${local} is not used: ${outside}; name it with --kubeconfig if you trust it`);
    return { config: file.config, files: [file], local: true };
  }
  const file = await readConfigFile(join(env.HOME ?? homedir(), ".kube", "config"));
  return { config: file.config, files: [file], local: false };
}

/** A kubeconfig that merely lies in the working directory counts only if the caller alone can have written and read it. */
function localTrust(path: string): string {
  const found = statSync(path, { throwIfNoEntry: false });
  if (!found) return "absent";
  if (!found.isFile()) return "it is not a file";
  const uid = process.getuid?.();
  if (uid !== undefined && found.uid !== uid) return "it belongs to another user";
  if (process.platform !== "win32" && (found.mode & 0o077) !== 0)
    return "others may read or write it (its mode must be 0600)";
  return "trusted";
}

function foreignContent({ clusters, users }: Kubeconfig): string | undefined {
  for (const { name, user } of users ?? []) {
    if (user.exec !== undefined) return `user ${JSON.stringify(name)} runs a program (exec)`;
    if (user["auth-provider"] !== undefined) return `user ${JSON.stringify(name)} has an auth-provider`;
    if (user["client-certificate"] || user["client-key"] || user.tokenFile)
      return `user ${JSON.stringify(name)} refers to files`;
  }
  const cluster = (clusters ?? []).find(({ cluster }) => cluster["certificate-authority"]);
  return cluster && `cluster ${JSON.stringify(cluster.name)} refers to files`;
}

/** `shown` is what the caller calls it. */
export async function readConfigFile(path: string, shown = path): Promise<ConfigFile> {
  const failed = (why: string): CliError => new CliError(`error loading config file ${JSON.stringify(shown)}: ${why}`);
  let written: string;
  try {
    const found = statSync(path, { throwIfNoEntry: false });
    if (!found) return { path, exists: false, config: {} };
    if (found.isDirectory()) throw failed(`read ${shown}: is a directory`);
    if (found.size > fileMaxBytes) throw failed(`it is larger than ${fileMaxBytes} bytes`);
    written = readFileSync(path, "utf8");
  } catch (error) {
    if (error instanceof CliError) throw error;
    throw failed(`open ${shown}: ${systemText(error)}${adviceFor(error, path)}`);
  }
  return { path, exists: true, config: resolvePaths(await parseConfig(written, failed), dirname(path)) };
}

/** Whoever may not read a kubeconfig is mostly the wrong user. */
function adviceFor(error: unknown, path: string): string {
  if ((error as NodeJS.ErrnoException).code !== "EACCES") return "";
  const owner = ownerOf(path);
  const whose = owner === undefined || owner === process.getuid?.() ? "" : ` (it belongs to user ${owner})`;
  return `${whose}: run navctl as its owner, or have a kubeconfig of your own named by --kubeconfig or $KUBECONFIG`;
}

function ownerOf(path: string): number | undefined {
  try {
    return statSync(path).uid;
  } catch {
    return undefined;
  }
}

async function parseConfig(written: string, failed: (why: string) => CliError): Promise<Kubeconfig> {
  let value: unknown;
  try {
    value = asJson(written);
    if (value === undefined) {
      const { parseYaml } = await import("../../apimachinery/codec/yaml.js");
      [value] = parseYaml(written);
    }
  } catch (error) {
    throw failed(error instanceof Error ? error.message : String(error));
  }
  if (value === undefined || value === null) return {};
  const broken = brokenPart(value);
  if (broken) throw failed(broken);
  return value as Kubeconfig;
}

/** Undefined for what is none; much of YAML begins as JSON does. */
function asJson(written: string): unknown {
  if (!written.trimStart().startsWith("{")) return undefined;
  try {
    return JSON.parse(written);
  } catch {
    return undefined;
  }
}

/** Only the shape that everything after relies on. */
function brokenPart(value: unknown): string | undefined {
  if (typeof value !== "object" || Array.isArray(value)) return "it is no kubeconfig, as it is not a map of fields";
  const { kind = "Config", apiVersion = "v1" } = value as Record<string, unknown>;
  if (kind !== "Config" || apiVersion !== "v1")
    return `it is no kubeconfig: kind ${JSON.stringify(kind)}, version ${JSON.stringify(apiVersion)}, where "Config" and "v1" are expected`;
  for (const [plural, singular] of parts) {
    const entries = (value as Record<string, unknown>)[plural];
    if (entries === undefined || entries === null) continue;
    if (!Array.isArray(entries)) return `${plural} is not a list`;
    for (const entry of entries as unknown[]) {
      if (typeof entry !== "object" || entry === null || typeof (entry as { name?: unknown }).name !== "string") {
        return `an entry of ${plural} has no name`;
      }
      const named = entry as Record<string, unknown>;
      if (typeof named[singular] !== "object" || named[singular] === null) named[singular] = {};
    }
  }
  return undefined;
}
const parts = [
  ["clusters", "cluster"],
  ["contexts", "context"],
  ["users", "user"],
] as const;

/** Relative file names are meant from the folder of the kubeconfig. */
function resolvePaths(config: Kubeconfig, folder: string): Kubeconfig {
  const absolute = (name: string | undefined): string | undefined => (name ? resolve(folder, name) : name);
  for (const { cluster } of config.clusters ?? [])
    setDefined(cluster, "certificate-authority", absolute(cluster["certificate-authority"]));
  for (const { user } of config.users ?? []) {
    for (const key of ["client-certificate", "client-key", "tokenFile"] as const)
      setDefined(user, key, absolute(user[key]));
  }
  return config;
}

function setDefined<T, K extends keyof T>(target: T, key: K, value: T[K] | undefined): void {
  if (value !== undefined) target[key] = value;
}

/** The first file that defines an entry wins. */
export function mergeConfigs(configs: readonly Kubeconfig[]): Kubeconfig {
  const firstOf = <T extends { name: string }>(lists: (T[] | null | undefined)[]): T[] => {
    const byName = new Map<string, T>();
    for (const entry of lists.flatMap((list) => list ?? [])) if (!byName.has(entry.name)) byName.set(entry.name, entry);
    return [...byName.values()];
  };
  const current = configs.map((config) => config["current-context"]).find((name) => name);
  return {
    clusters: firstOf(configs.map(({ clusters }) => clusters)),
    contexts: firstOf(configs.map(({ contexts }) => contexts)),
    users: firstOf(configs.map(({ users }) => users)),
    ...(current ? { "current-context": current } : {}),
  };
}
