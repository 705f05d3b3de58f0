import type { IEvent, IKeyValue, IResponseHeader } from "etcd3";
import type { StorageEvent, StoredValue } from "../storage.js";

/** What a watch's stream sends. */
export interface WatchMessage {
  readonly header: IResponseHeader;
  readonly created: boolean;
  readonly canceled: boolean;
  readonly compact_revision: string;
  readonly cancel_reason: string;
  readonly events: readonly IEvent[];
}

/** The value is copied: the answer's other bytes are not kept alive by it. */
export const storedOf = ({ key, value, mod_revision }: IKeyValue): StoredValue => ({
  key: key.toString(),
  value: Buffer.from(value),
  revision: Number(mod_revision),
});

/** An absent `prev_kv` arrives as undefined or null. */
export function eventOf({ type, kv, prev_kv }: IEvent): StorageEvent {
  const previous = prev_kv ? storedOf(prev_kv) : undefined;
  const stored = storedOf(kv);
  return isDelete(type)
    ? { type: "delete", key: stored.key, revision: stored.revision, previous }
    : { type: "put", ...stored, created: kv.create_revision === kv.mod_revision, previous };
}
/** The declarations say `Delete`, the wire says `DELETE`. */
const isDelete = (type: string): boolean => type.toUpperCase() === "DELETE";

/** All keys under the prefix, those after `after` only. */
export function prefixRange(prefix: string, after?: string): { readonly key: Buffer; readonly range_end: Buffer } {
  const start = Buffer.from(prefix);
  const next = after === undefined ? start : Buffer.from(`${after}\0`);
  return { key: Buffer.compare(next, start) > 0 ? next : start, range_end: endOf(start) };
}

/** The first key that is not under the prefix. */
function endOf(prefix: Buffer): Buffer {
  const end = Buffer.from(prefix);
  for (let at = end.length - 1; at >= 0; at--) {
    const byte = end[at] ?? 0xff;
    if (byte === 0xff) continue;
    end[at] = byte + 1;
    return end.subarray(0, at + 1);
  }
  return Buffer.from([0]);
}
