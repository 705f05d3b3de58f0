import { messageOf } from "../../../base/error-text.js";
import type { RuntimeCondition } from "../runtime.js";
import { CallError } from "./channel.js";
import type { statusResponse } from "./messages.js";
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
  const [reason, message] = tooOld
    ? ([
        "ContainerRuntimeTooOld",
        `the runtime at ${socket} does not speak CRI v1: install containerd 1.6 or later, or enable its CRI plugin`,
      ] as const)
    : ([
        "ContainerRuntimeUnreachable",
        `cannot reach the container runtime at ${socket}: ${messageOf(error)}: start containerd, or name its socket by --container-runtime-endpoint`,
      ] as const);
  return [
    { type: "RuntimeReady", status: false, reason, message },
    { type: "NetworkReady", status: false, reason, message: "unknown while the runtime cannot be asked" },
  ];
}
