import { messageOf } from "../../../base/error-text.js";
import type { RuntimeCondition } from "../runtime.js";
import { CallError } from "./channel.js";
import type { statusResponse, versionResponse } from "./messages.js";
import type { Decoded } from "./wire.js";

/** What the runtime says of itself, with what to do where it is not ready. */
export function conditionsOf({ status }: Decoded<typeof statusResponse>): readonly RuntimeCondition[] {
  const told = status?.conditions ?? [];
  return (["RuntimeReady", "NetworkReady"] as const).map((type) => {
    const found = told.find((condition) => condition.type === type);
    if (found?.status) return { type, status: true, reason: found.reason, message: found.message };
    const reason = found?.reason || `${type}Unknown`;
    const message = found?.message || `the container runtime does not tell its ${type}`;
    return { type, status: false, reason, message: `${message}: ${remedies[type]}` };
  });
}

const remedies = {
  RuntimeReady: "look into the runtime's own log",
  NetworkReady:
    "put a CNI configuration into the runtime's folder (often /etc/cni/net.d) and the plugins where it looks for them",
} as const;

/** It could not be asked: why, and what to do. */
export function unreachable(socket: string, error: unknown): readonly RuntimeCondition[] {
  const tooOld = error instanceof CallError && error.failure === "unimplemented";
  return tooOld
    ? unusable(
        "ContainerRuntimeTooOld",
        `the runtime at ${socket} does not speak CRI v1: install containerd 1.6 or later, or enable its CRI plugin`,
      )
    : unusable(
        "ContainerRuntimeUnreachable",
        `cannot reach the container runtime at ${socket}: ${messageOf(error)}: start containerd, or name its socket by --container-runtime-endpoint`,
      );
}

type Told = Pick<Decoded<typeof versionResponse>, "runtimeName" | "runtimeVersion" | "runtimeApiVersion">;

/**
 * A runtime that answers, and must not be used all the same. What names its API by something else than CRI's versions
 * (there are some that tell that of what they stand before) has shown by its answer that it speaks ours.
 */
export function versionProblem(told: Told): readonly RuntimeCondition[] | undefined {
  const { runtimeName, runtimeVersion, runtimeApiVersion } = told;
  const named = `${runtimeName} ${runtimeVersion}`.trim();
  if (/^v\d/.test(runtimeApiVersion) && runtimeApiVersion !== "v1")
    return unusable(
      "ContainerRuntimeApiUnsupported",
      `${named} speaks version ${runtimeApiVersion} of CRI, this node v1: install a release of it that speaks v1 (containerd 1.6 or later)`,
    );
  const [, major, minor] = /^v?(\d+)\.(\d+)/.exec(runtimeVersion) ?? [];
  if (runtimeName !== "containerd" || major === undefined || minor === undefined) return undefined;
  const isOld = Number(major) < 1 || (Number(major) === 1 && Number(minor) < oldestMinor);
  return isOld ? unusable("ContainerRuntimeTooOld", `${named} is too old: install containerd 1.6 or later`) : undefined;
}

const unusable = (reason: string, message: string): readonly RuntimeCondition[] => [
  { type: "RuntimeReady", status: false, reason, message },
  { type: "NetworkReady", status: false, reason, message: "unknown while the runtime cannot be used" },
];

/** The first release of containerd 1 that speaks CRI v1. */
const oldestMinor = 6;
