import type { NodeStatus } from "../../api/core/node/status.js";

export interface ConditionEvent {
  readonly reason: string;
  readonly message: string;
}

/** What a node's events say when its conditions change. */
export function conditionEvents(
  nodeName: string,
  before: NodeStatus | undefined,
  after: NodeStatus,
): readonly ConditionEvent[] {
  return (after.conditions ?? []).flatMap(({ type, status }) => {
    const reason = reasons[type]?.[status];
    const old = before?.conditions?.find((condition) => condition.type === type);
    if (reason === undefined || old?.status === status) return [];
    return [{ reason, message: `Node ${nodeName} status is now: ${reason}` }];
  });
}

const reasons: Readonly<Record<string, Readonly<Partial<Record<string, string>>>>> = {
  MemoryPressure: { True: "NodeHasInsufficientMemory", False: "NodeHasSufficientMemory" },
  DiskPressure: { True: "NodeHasDiskPressure", False: "NodeHasNoDiskPressure" },
  PIDPressure: { True: "NodeHasInsufficientPID", False: "NodeHasSufficientPID" },
  Ready: { True: "NodeReady", False: "NodeNotReady" },
};
