/**
 * Cluster addresses and node ports are claimed by records of their own, one a key, created only where none is: so two API
 * servers never give the same one out. A record that outlives its service is found by the repair loop.
 */
import { parseJson } from "../../../apimachinery/codec/json.js";
import { registryRoot } from "../../storage/keys.js";
import type { StorageAndCache } from "../core.js";

export const addressClaims = `${registryRoot}ranges/serviceips/`;
export const portClaims = `${registryRoot}ranges/servicenodeports/`;

export interface ClaimOwner {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
}

/** False when somebody else has it. */
export async function claim({ storage }: StorageAndCache, key: string, owner: ClaimOwner): Promise<boolean> {
  const outcome = await storage.create(key, Buffer.from(JSON.stringify(owner)));
  return outcome.ok || claimUid(outcome.current?.value) === owner.uid;
}

export async function freeClaim({ storage }: StorageAndCache, key: string, uid: string): Promise<void> {
  const current = await storage.get(key);
  if (current && claimUid(current.value) === uid) await storage.delete(key, current.revision);
}

/** The uid of the service that a record is for; undefined for a record that cannot be read. */
export function claimUid(value: Uint8Array | undefined): string | undefined {
  if (!value) return undefined;
  try {
    const { value: record } = parseJson(value);
    const uid = typeof record === "object" && record !== null && "uid" in record ? record.uid : undefined;
    return typeof uid === "string" ? uid : undefined;
  } catch {
    return undefined;
  }
}
