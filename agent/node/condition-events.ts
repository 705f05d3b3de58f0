import type { NodeStatus } from "../../api/core/node/status.js";

export interface ConditionEvent {
  readonly type: "Normal" | "Warning";
  readonly reason: string;
  readonly message: string;
}

/** What a node's events say when its conditions change. */
export function conditionEvents(
  nodeName: string,
  before: NodeStatus | undefined,
  after: NodeStatus,
): readonly ConditionEvent[] {
  return (after.conditions ?? []).flatMap(({ type, status, message = "" }) => {
    const reason = reasons[type]?.[status];
    const old = before?.conditions?.find((condition) => condition.type === type);
    const isNew = type === "Ready" && status === "False" && old?.message !== message;
    const why = isNew && message.startsWith(runtimeIsDown) ? [notReady(message)] : [];
    if (reason === undefined || old?.status === status) return why;
    return [{ type: "Normal", reason, message: `Node ${nodeName} status is now: ${reason}` }, ...why];
  });
}

/** How a condition begins of which the container runtime is the cause; what to do follows. */
export const runtimeIsDown = "container runtime is down: ";

const notReady = (message: string): ConditionEvent => ({
  type: "Warning",
  reason: "ContainerRuntimeNotReady",
  message,
});

const reasons: Readonly<Record<string, Readonly<Partial<Record<string, string>>>>> = {
  MemoryPressure: { True: "NodeHasInsufficientMemory", False: "NodeHasSufficientMemory" },
  DiskPressure: { True: "NodeHasDiskPressure", False: "NodeHasNoDiskPressure" },
  PIDPressure: { True: "NodeHasInsufficientPID", False: "NodeHasSufficientPID" },
  Ready: { True: "NodeReady", False: "NodeNotReady" },
};
