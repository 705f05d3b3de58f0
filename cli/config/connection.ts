import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import type { TlsMaterial } from "../../client/http-connection.js";
import { CliError } from "../errors.js";
import type { GlobalFlags } from "../global-flags.js";
import { systemText } from "../system-text.js";
import type { ClusterEntry, ContextEntry, Kubeconfig, UserEntry } from "./kubeconfig.js";

export type Headers = Readonly<Record<string, string | readonly string[]>>;

/** Everything that is needed to speak to one server as one identity. */
export interface Connection {
  readonly server: string;
  readonly tls: TlsMaterial;
  readonly token: string | undefined;
  /** Headers that say as whom to act. */
  readonly impersonation: Headers;
  /** The context's namespace. */
  readonly namespace: string | undefined;
  readonly context: string;
  readonly cluster: string;
}

/** The context of the kubeconfig, with what the flags say on top. */
export function connectionOf(config: Kubeconfig, flags: GlobalFlags, cwd: string): Connection {
  const contextName = flags.context ?? config["current-context"] ?? "";
  const context = contextOf(config, contextName, flags.context !== undefined);
  const clusterName = flags.cluster ?? context.cluster ?? "";
  const cluster = entryOf(config.clusters, "cluster", clusterName);
  if (!cluster && flags.cluster) throw new CliError(`no server found for cluster ${JSON.stringify(clusterName)}`);
  if (!cluster && clusterName !== "")
    throw configurationError([`cluster ${JSON.stringify(clusterName)} does not exist`]);
  const userName = flags.user ?? context.user ?? "";
  const user = entryOf(config.users, "user", userName);
  if (!user && userName !== "") throw new CliError(`auth info ${JSON.stringify(userName)} does not exist`);
  const names = { cluster: clusterName, user: userName };
  return {
    server: serverOf(flags.server ?? cluster?.server ?? "http://localhost:8080"),
    tls: tlsOf(cluster ?? {}, user ?? {}, names, flags, cwd),
    token: flags.token ?? user?.token ?? (user?.tokenFile ? readFile(user.tokenFile, cwd).trim() : undefined),
    impersonation: impersonationOf(flags, userName),
    namespace: context.namespace || undefined,
    context: contextName,
    cluster: clusterName,
  };
}

function contextOf(config: Kubeconfig, name: string, asked: boolean): ContextEntry {
  const context = entryOf(config.contexts, "context", name);
  if (!context && (asked || name !== ""))
    throw new CliError(`Error in configuration: context was not found for specified context: ${name}`, { bare: true });
  return context ?? {};
}

const configurationError = (problems: readonly string[]): CliError =>
  problems.length === 1
    ? new CliError(problems[0] ?? "")
    : new CliError(`Error in configuration: \n${problems.map((problem) => `* ${problem}`).join("\n")}`, { bare: true });

function impersonationOf({ as, "as-group": groups, "as-uid": uid }: GlobalFlags, user: string): Headers {
  if (as === undefined && (groups.length > 0 || uid !== undefined))
    throw new CliError(`requesting uid, groups or user-extra for ${user} without impersonating a user`);
  return {
    ...(as === undefined ? {} : { "impersonate-user": as }),
    ...(groups.length === 0 ? {} : { "impersonate-group": groups }),
    ...(uid === undefined ? {} : { "impersonate-uid": uid }),
  };
}

export const entryOf = <K extends string, T>(
  entries: readonly ({ name: string } & { [P in K]: T })[] | null | undefined,
  key: K,
  name: string,
): T | undefined => entries?.find((entry) => entry.name === name)?.[key];

function serverOf(written: string): string {
  const full = /^https?:\/\//.test(written) ? written : `http://${written}`;
  try {
    new URL(full);
  } catch {
    throw new CliError(`the server address ${JSON.stringify(written)} is not a URL`);
  }
  return full.replace(/\/$/, "");
}

/** A file that a flag names takes the place of the kubeconfig's authority, but not of its certificate: that is refused. */
function tlsOf(
  cluster: ClusterEntry,
  user: UserEntry,
  names: { readonly cluster: string; readonly user: string },
  flags: GlobalFlags,
  cwd: string,
): TlsMaterial {
  refuse(user, cluster);
  const { "certificate-authority": ownCa, "client-certificate": ownCertificate, "client-key": ownKey } = flags;
  const files = new PemFiles(cwd);
  const ca = ownCa
    ? files.read("certificate-authority", ownCa, names.cluster)
    : files.pick("certificate-authority", cluster["certificate-authority"], cluster, names.cluster);
  if (ownCertificate && user["client-certificate-data"])
    files.problems.push(
      `client-cert-data and client-cert are both specified for ${names.user}. client-cert-data will override.`,
    );
  if (ownKey && user["client-key-data"])
    files.problems.push(
      `client-key-data and client-key are both specified for ${names.user}; client-key-data will override`,
    );
  // A file that is refused is read all the same, to tell all that is wrong.
  if (ownCertificate && user["client-certificate-data"]) files.read("client-certificate", ownCertificate, names.user);
  if (ownKey && user["client-key-data"]) files.read("client-key", ownKey, names.user);
  const certificateFile = ownCertificate ?? user["client-certificate"];
  const certificate = files.pick("client-certificate", certificateFile, user, names.user);
  const key = files.pick("client-key", ownKey ?? user["client-key"], user, names.user);
  if (files.problems.length > 0) throw configurationError(files.problems);
  const serverName = flags["tls-server-name"] ?? cluster["tls-server-name"];
  return {
    ...(ca === undefined ? {} : { ca }),
    ...(certificate === undefined ? {} : { certificate }),
    ...(key === undefined ? {} : { key }),
    ...(serverName === undefined ? {} : { serverName }),
    ...(flags["insecure-skip-tls-verify"] || cluster["insecure-skip-tls-verify"] ? { insecureSkipVerify: true } : {}),
  };
}

type PemField = "certificate-authority" | "client-certificate" | "client-key";

/** Reads what entries hold or name; what cannot be read is told together. */
class PemFiles {
  readonly problems: string[] = [];
  readonly #cwd: string;

  constructor(cwd: string) {
    this.#cwd = cwd;
  }

  pick(field: PemField, file: string | undefined, entry: ClusterEntry & UserEntry, name: string): string | undefined {
    const data = entry[`${field}-data`];
    if (data) return Buffer.from(data, "base64").toString("utf8");
    return file ? this.read(field, file, name) : undefined;
  }

  read(field: PemField, file: string, entry: string): string | undefined {
    try {
      return readFileSync(resolve(this.#cwd, file), "utf8");
    } catch (error) {
      const what = field === "client-certificate" ? "client-cert" : field;
      this.problems.push(`unable to read ${what} ${file} for ${entry} due to open ${file}: ${systemText(error)}`);
      return undefined;
    }
  }
}

function refuse(user: UserEntry, cluster: ClusterEntry): void {
  if (user.exec !== undefined)
    throw new CliError(
      "the kubeconfig's user gets its credentials from a program (exec), which navctl does not support",
    );
  if (user["auth-provider"] !== undefined)
    throw new CliError("the kubeconfig's user has an auth-provider, which navctl does not support");
  if (user.username !== undefined)
    throw new CliError("the kubeconfig's user has a name and password, which navctl does not support");
  if (cluster["proxy-url"])
    throw new CliError("the kubeconfig's cluster has a proxy-url, which navctl does not support");
}

function readFile(name: string, cwd: string): string {
  try {
    return readFileSync(resolve(cwd, name), "utf8");
  } catch (error) {
    throw new CliError(`unable to read ${name}: ${systemText(error)}`);
  }
}
