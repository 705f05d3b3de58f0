import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import type { SeccompProfile } from "../../api/core/pod/security.js";
import type { SecurityProfile } from "../runtime/isolation.js";
import { ConfigError } from "./env.js";

/**
 * The profile as the runtime takes it. Throws ConfigError where a profile of this node cannot be used: a runtime may take
 * one that says nothing for none at all, and the program would run unconfined.
 * https://kubernetes.io/docs/tutorials/security/seccomp/
 */
export function seccompOf({ type, localhostProfile = "" }: SeccompProfile, dir: string): SecurityProfile {
  if (type !== "Localhost") return { type };
  const path = join(dir, localhostProfile);
  const problem = isBelow(localhostProfile) ? problemOf(path) : "not a path below the node's folder of profiles";
  if (problem !== undefined)
    throw new ConfigError(
      `seccomp profile ${JSON.stringify(localhostProfile)} cannot be used: ${problem} (profiles of this node lie in ${dir})`,
    );
  return { type, localhost: path };
}

/** Objects of the API server were checked there; static pods were not. */
const isBelow = (path: string): boolean =>
  path !== "" && !path.startsWith("/") && !path.includes("\0") && !path.split("/").includes("..");

function problemOf(path: string): string | undefined {
  try {
    const stat = statSync(path);
    if (!stat.isFile()) return "it is not a file";
    if (stat.size > sizeMaxBytes) return `it is larger than ${sizeMaxBytes} bytes`;
    return contentProblem(readFileSync(path, "utf8"));
  } catch (error) {
    const code = typeof error === "object" && error !== null && "code" in error ? String(error.code) : "";
    return code === "ENOENT" || code === "ENOTDIR" ? "there is no such file" : `it cannot be read (${code})`;
  }
}
const sizeMaxBytes = 1024 * 1024;

function contentProblem(text: string): string | undefined {
  if (text.trim() === "") return "it is empty";
  let profile: unknown;
  try {
    profile = JSON.parse(text);
  } catch {
    return "it is not JSON";
  }
  const action =
    typeof profile === "object" && profile !== null && "defaultAction" in profile ? profile.defaultAction : undefined;
  return typeof action === "string" && actions.has(action)
    ? undefined
    : `it has no defaultAction of ${[...actions].join(", ")}`;
}

const actions: ReadonlySet<string> = new Set([
  ...["SCMP_ACT_ALLOW", "SCMP_ACT_ERRNO", "SCMP_ACT_KILL", "SCMP_ACT_KILL_PROCESS", "SCMP_ACT_KILL_THREAD"],
  ...["SCMP_ACT_LOG", "SCMP_ACT_NOTIFY", "SCMP_ACT_TRACE", "SCMP_ACT_TRAP"],
]);
