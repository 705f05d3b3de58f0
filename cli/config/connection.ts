import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import type { TlsMaterial } from "../../client/http-connection.js";
import { CliError } from "../errors.js";
import type { GlobalFlags } from "../global-flags.js";
import type { ClusterEntry, ContextEntry, Kubeconfig, UserEntry } from "./kubeconfig.js";

/** Everything that is needed to speak to one server as one identity. */
export interface Connection {
  readonly server: string;
  readonly tls: TlsMaterial;
  readonly token: string | undefined;
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
  if (!cluster && clusterName !== "") throw new CliError(`cluster ${JSON.stringify(clusterName)} does not exist`);
  const userName = flags.user ?? context.user ?? "";
  const user = entryOf(config.users, "user", userName);
  if (!user && userName !== "") throw new CliError(`auth info ${JSON.stringify(userName)} does not exist`);
  return {
    server: serverOf(flags.server ?? cluster?.server ?? "http://localhost:8080"),
    tls: tlsOf(cluster ?? {}, user ?? {}, flags, cwd),
    token: flags.token ?? user?.token ?? (user?.tokenFile ? readFile(user.tokenFile, cwd).trim() : undefined),
    namespace: context.namespace || undefined,
    context: contextName,
    cluster: clusterName,
  };
}

function contextOf(config: Kubeconfig, name: string, asked: boolean): ContextEntry {
  const context = entryOf(config.contexts, "context", name);
  if (!context && (asked || name !== "")) throw new CliError(`context ${JSON.stringify(name)} does not exist`);
  return context ?? {};
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

function tlsOf(cluster: ClusterEntry, user: UserEntry, flags: GlobalFlags, cwd: string): TlsMaterial {
  refuse(user, cluster);
  const ca = pem(
    flags["certificate-authority"] ?? cluster["certificate-authority"],
    cluster["certificate-authority-data"],
    cwd,
  );
  const certificate = pem(
    flags["client-certificate"] ?? user["client-certificate"],
    user["client-certificate-data"],
    cwd,
  );
  const key = pem(flags["client-key"] ?? user["client-key"], user["client-key-data"], cwd);
  const serverName = flags["tls-server-name"] ?? cluster["tls-server-name"];
  return {
    ...(ca === undefined ? {} : { ca }),
    ...(certificate === undefined ? {} : { certificate }),
    ...(key === undefined ? {} : { key }),
    ...(serverName === undefined ? {} : { serverName }),
    ...(flags["insecure-skip-tls-verify"] || cluster["insecure-skip-tls-verify"] ? { insecureSkipVerify: true } : {}),
  };
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

const pem = (file: string | undefined, data: string | undefined, cwd: string): string | undefined => {
  if (data) return Buffer.from(data, "base64").toString("utf8");
  return file ? readFile(file, cwd) : undefined;
};

function readFile(name: string, cwd: string): string {
  try {
    return readFileSync(resolve(cwd, name), "utf8");
  } catch (error) {
    throw new CliError(`unable to read ${name}: ${error instanceof Error ? error.message : error}`);
  }
}
