import { readFileSync } from "node:fs";
import { chmod, mkdir, open, readFile, rename } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { type Clock, systemClock } from "../base/clock.js";
import { messageOf } from "../base/error-text.js";
import type { Client } from "./client.js";
import type { TlsMaterial, TlsSource } from "./http-connection.js";
import { createHttpsTransport } from "./https-transport.js";
import { createClient } from "./rest.js";
import type { Transport } from "./transport.js";

/** Everything needed to speak to one server as one identity. */
export interface Connection {
  readonly server: string;
  readonly tls: TlsMaterial;
  /** The bearer token to use now; a token file is read again as it changes. */
  readonly token: (() => string | undefined) | undefined;
  /** The namespace of the context. */
  readonly namespace: string;
}

/** A kubeconfig that cannot be used, with what to do about it. */
export class KubeconfigError extends Error {
  override readonly name = "KubeconfigError";
}

/** Reads the named kubeconfig as components do (`--kubeconfig FILE`); the current context unless another is named. */
export async function loadConnection(
  path: string,
  options: { readonly context?: string; readonly clock?: Clock } = {},
): Promise<Connection> {
  const { parseYaml } = await import("../apimachinery/codec/yaml.js");
  let config: Config;
  try {
    config = configOf(parseYaml(await readFile(path, "utf8"))[0]);
  } catch (error) {
    throw new KubeconfigError(`cannot load kubeconfig ${path}: ${messageOf(error)}`);
  }
  const contextName = options.context ?? config["current-context"] ?? "";
  const context = entryIn(path, "context", config.contexts, contextName);
  const cluster = entryIn(path, "cluster", config.clusters, context.cluster ?? "");
  const user = context.user ? entryIn(path, "user", config.users, context.user) : {};
  const unsupported = ["exec", "auth-provider", "username", "password"].find((field) => user[field] !== undefined);
  if (unsupported)
    throw new KubeconfigError(`kubeconfig ${path}: user ${context.user} has ${unsupported}, which is not supported`);
  if (cluster["proxy-url"]) throw new KubeconfigError(`kubeconfig ${path}: proxy-url is not supported`);
  if (!cluster.server) throw new KubeconfigError(`kubeconfig ${path}: cluster ${context.cluster} names no server`);
  const folder = dirname(path);
  const tls: Record<keyof TlsMaterial, string | boolean | undefined> = {
    ca: await material(folder, cluster["certificate-authority"], cluster["certificate-authority-data"]),
    certificate: await material(folder, user["client-certificate"], user["client-certificate-data"]),
    key: await material(folder, user["client-key"], user["client-key-data"]),
    serverName: cluster["tls-server-name"],
    insecureSkipVerify: cluster["insecure-skip-tls-verify"],
  };
  const given = Object.fromEntries(Object.entries(tls).filter(([, value]) => value !== undefined && value !== ""));
  return {
    server: cluster.server,
    tls: given as TlsMaterial,
    token: tokenSource(folder, user, options.clock ?? systemClock),
    namespace: context.namespace || "default",
  };
}

/** A client over HTTPS; closing the transport ends it. */
export function connect(
  { server, tls, token }: Omit<Connection, "tls"> & { readonly tls: TlsMaterial | TlsSource },
  options: { readonly userAgent: string; readonly clock?: Clock },
): { readonly client: Client; readonly transport: Transport } {
  const transport = createHttpsTransport({ server, tls, ...(token ? { token } : {}), ...options });
  return { client: createClient(transport), transport };
}

export interface KubeconfigContent {
  readonly server: string;
  readonly caCertificate: string;
  /** PEM. */
  readonly identity: { readonly certificate: string; readonly key: string };
  readonly clusterName?: string;
  readonly userName?: string;
}

/** Writes a kubeconfig with everything inline, readable by its owner alone (0600), in one step. */
export async function writeKubeconfig(path: string, content: KubeconfigContent): Promise<void> {
  const { toYaml } = await import("../apimachinery/codec/yaml.js");
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const temporary = `${path}.${process.pid}.new`;
  const file = await open(temporary, "w", 0o600);
  try {
    await file.writeFile(toYaml(kubeconfigOf(content)));
    await file.sync();
  } finally {
    await file.close();
  }
  await chmod(temporary, 0o600);
  await rename(temporary, path);
}

/** The kubeconfig as a value. */
export function kubeconfigOf({
  server,
  caCertificate,
  identity,
  clusterName = "navarch",
  userName = "admin",
}: KubeconfigContent): object {
  const context = `${userName}@${clusterName}`;
  return {
    apiVersion: "v1",
    kind: "Config",
    clusters: [{ name: clusterName, cluster: { server, "certificate-authority-data": base64(caCertificate) } }],
    users: [
      {
        name: userName,
        user: { "client-certificate-data": base64(identity.certificate), "client-key-data": base64(identity.key) },
      },
    ],
    contexts: [{ name: context, context: { cluster: clusterName, user: userName } }],
    "current-context": context,
  };
}

interface Config {
  readonly clusters?: readonly Named<"cluster">[];
  readonly users?: readonly Named<"user">[];
  readonly contexts?: readonly Named<"context">[];
  readonly "current-context"?: string;
}
type Entry = Readonly<Record<string, string | undefined>>;
type Named<K extends string> = { readonly name: string } & { readonly [P in K]?: Entry };

const fileMaxBytes = 1024 * 1024;
const tokenRereadMs = 60_000;

function configOf(value: unknown): Config {
  if (typeof value !== "object" || value === null) throw new Error("it is empty or not a mapping");
  if (JSON.stringify(value).length > fileMaxBytes) throw new Error(`it is larger than ${fileMaxBytes} bytes`);
  return value as Config;
}

function entryIn<K extends string>(
  path: string,
  kind: K,
  entries: readonly Named<K>[] | undefined,
  name: string,
): Entry {
  const found = Array.isArray(entries) ? entries.find((entry) => entry?.name === name) : undefined;
  if (!found) throw new KubeconfigError(`kubeconfig ${path}: ${kind} ${JSON.stringify(name)} does not exist`);
  return found[kind] ?? {};
}

async function material(
  folder: string,
  file: string | undefined,
  data: string | undefined,
): Promise<string | undefined> {
  if (data) return Buffer.from(data, "base64").toString("utf8");
  return file ? readFile(resolve(folder, file), "utf8") : undefined;
}

function tokenSource(folder: string, { token, tokenFile }: Entry, clock: Clock): Connection["token"] {
  if (token) return () => token;
  if (!tokenFile) return undefined;
  const path = resolve(folder, tokenFile);
  let known: { readonly text: string; readonly readMs: number } | undefined;
  return () => {
    const nowMs = clock.monotonic();
    if (!known || nowMs - known.readMs > tokenRereadMs)
      known = { text: readFileSync(path, "utf8").trim(), readMs: nowMs };
    return known.text;
  };
}

const base64 = (text: string): string => Buffer.from(text).toString("base64");
