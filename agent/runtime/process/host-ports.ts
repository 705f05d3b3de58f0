import type { Clock } from "../../../base/clock.js";
import type { Logger } from "../../../base/log.js";
import { ListenerSet } from "../../network/listener-set.js";
import type { WantedListener } from "../../network/service-listeners.js";
import type { PortMapping } from "../isolation.js";
import { type PodIdentity, RuntimeError, type RuntimeEvent } from "../runtime.js";
import type { StoredSandbox } from "./sandbox-store.js";

export interface HostPortsOptions {
  readonly clock: Clock;
  readonly log: Logger;
  readonly emit: (event: RuntimeEvent) => void;
}

/** Ports of the host that lead to a pod's own, by sockets of this process, as long as the sandbox runs. */
export class HostPorts {
  readonly #listeners: ListenerSet<PodIdentity>;

  constructor({ clock, log, emit }: HostPortsOptions) {
    const warn = ({ uid }: PodIdentity, message: string): void =>
      emit({ podUid: uid, warning: { reason: "HostPortNotServed", message } });
    this.#listeners = new ListenerSet({ clock, log, warn });
  }

  /** `nodeAddress`: where ports are served that name no address, besides 127.0.0.1. */
  open({ id, pod, ip, portMappings = [], stopped }: StoredSandbox, nodeAddress: string): void {
    if (stopped || portMappings.length === 0) return;
    const listeners = portMappings.flatMap((mapping) => listenersOf(mapping, ip, nodeAddress));
    this.#listeners.want(id, pod, { listeners, refusals: [] });
  }

  close(id: string): void {
    this.#listeners.remove(id);
  }

  closeAll(): void {
    this.#listeners.close();
  }
}

function listenersOf(
  { protocol, containerPort, hostPort, hostIP }: PortMapping,
  ip: string,
  nodeAddress: string,
): readonly WantedListener[] {
  if (protocol === "SCTP") return [];
  const addresses = isAny(hostIP) ? [nodeAddress, hostLoopback] : [hostIP ?? hostLoopback];
  const backends = [{ address: ip, port: containerPort }];
  return addresses.map((address) => ({
    ...{ protocol, address, port: hostPort, backends },
    route: `${address}:${hostPort}/${protocol}`,
  }));
}

/** Throws where a mapping cannot be had: pods of this runtime are reached by this host alone. */
export function checkMappings(mappings: readonly PortMapping[]): void {
  for (const { protocol, hostPort, hostIP } of mappings) {
    if (protocol === "SCTP")
      throw new RuntimeError("CreatePodSandboxError", `hostPort ${hostPort}: SCTP is not forwarded on this node`);
    if (!isAny(hostIP) && !hostIP?.startsWith("127."))
      throw new RuntimeError(
        "CreatePodSandboxError",
        `hostIP ${hostIP} of hostPort ${hostPort}: this node's pods are reached by loopback addresses alone; leave hostIP out, or run the pod on a node with containerd`,
      );
  }
}

const isAny = (address: string | undefined): boolean => address === undefined || address === "0.0.0.0";
const hostLoopback = "127.0.0.1";
