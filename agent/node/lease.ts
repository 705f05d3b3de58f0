import { type Lease, leases } from "../../api/coordination/lease.js";
import { StatusError } from "../../apimachinery/status.js";
import { type Clock, toMicroTime } from "../../base/clock.js";
import type { Logger } from "../../base/log.js";
import type { Client } from "../../client/client.js";

export interface NodeLeaseOptions {
  readonly client: Client;
  readonly clock: Clock;
  readonly log: Logger;
  readonly nodeName: string;
  /** Known once the node is registered. */
  readonly nodeUid: () => string | undefined;
}

/** Says every 10 s that the node is alive. https://kubernetes.io/docs/concepts/architecture/leases/#node-heart-beats */
export async function keepLease(options: NodeLeaseOptions, signal: AbortSignal): Promise<void> {
  const { clock, log } = options;
  let lease: Lease | undefined;
  for (let failures = 0; !signal.aborted; ) {
    try {
      lease = await renew(options, lease, signal);
      failures = 0;
      await clock.sleep(renewEveryMs, signal);
    } catch (error) {
      if (signal.aborted) return;
      lease = undefined;
      failures++;
      if (failures > 3) log.warn("node lease not renewed", { node: options.nodeName, error: String(error) });
      await clock.sleep(Math.min(renewEveryMs, retryBaseMs * 2 ** failures), signal);
    }
  }
}

async function renew(
  { client, clock, nodeName, nodeUid }: NodeLeaseOptions,
  known: Lease | undefined,
  signal: AbortSignal,
): Promise<Lease> {
  const spec = { holderIdentity: nodeName, leaseDurationSeconds, renewTime: toMicroTime(clock.now()) };
  const lease = known ?? (await read(client, nodeName, signal));
  if (lease) return client.update(leases, { ...lease, spec: { ...lease.spec, ...spec } }, { signal });
  const uid = nodeUid();
  const owner = uid === undefined ? {} : { ownerReferences: [{ apiVersion: "v1", kind: "Node", name: nodeName, uid }] };
  return client.create(leases, { metadata: { name: nodeName, namespace, ...owner }, spec }, { signal });
}

async function read(client: Client, name: string, signal: AbortSignal): Promise<Lease | undefined> {
  try {
    return await client.get(leases, { namespace, name }, { signal });
  } catch (error) {
    if (error instanceof StatusError && error.reason === "NotFound") return undefined;
    throw error;
  }
}

const namespace = "kube-node-lease";
const leaseDurationSeconds = 40;
const renewEveryMs = 10_000;
const retryBaseMs = 100;
