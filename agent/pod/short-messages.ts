import type { ContainerState, ContainerStatus } from "../../api/core/pod/container-status.js";

/** Last words of a pod's containers, of all of them at most 12 KiB: each has the same part of that, the beginning counts. */
export function withShortMessages(containers: number): (status: ContainerStatus) => ContainerStatus {
  const maxBytes = Math.floor(podMessagesMaxBytes / Math.max(1, containers));
  const short = (state: ContainerState): ContainerState => {
    const { terminated } = state;
    if (!terminated?.message || Buffer.byteLength(terminated.message) <= maxBytes) return state;
    return { ...state, terminated: { ...terminated, message: cut(terminated.message, maxBytes) } };
  };
  return (status) => ({
    ...status,
    ...(status.state ? { state: short(status.state) } : {}),
    ...(status.lastState ? { lastState: short(status.lastState) } : {}),
  });
}

/** As many whole characters as there is room for. */
function cut(text: string, maxBytes: number): string {
  const bytes = Buffer.from(text);
  let end = maxBytes;
  while (end > 0 && ((bytes[end] ?? 0) & 0xc0) === 0x80) end--;
  return bytes.subarray(0, end).toString("utf8");
}

const podMessagesMaxBytes = 12 * 1024;
