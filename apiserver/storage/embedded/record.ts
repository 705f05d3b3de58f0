/** One write as it lies on disk under its revision: flags, expiry, length of the key, key, value. */
export interface StoredRecord {
  readonly key: string;
  /** Absent where the write was a deletion. */
  readonly value: Uint8Array | undefined;
  /** Wall clock, milliseconds; 0 for never. */
  readonly expiresAtMs: number;
}

const headerBytes = 1 + 8 + 4;
const putFlag = 1;

export function encodeRecord({ key, value, expiresAtMs }: StoredRecord): Buffer {
  const keyBytes = Buffer.byteLength(key);
  // Not from Buffer's pool: the store's thread reads it while this one goes on.
  const record = Buffer.allocUnsafeSlow(headerBytes + keyBytes + (value?.length ?? 0));
  record[0] = value ? putFlag : 0;
  record.writeDoubleLE(expiresAtMs, 1);
  record.writeUInt32LE(keyBytes, 9);
  record.write(key, headerBytes);
  if (value) record.set(value, headerBytes + keyBytes);
  return record;
}

/** The value is a view of the record's bytes. */
export function decodeRecord(record: Uint8Array): StoredRecord {
  const bytes = Buffer.from(record.buffer, record.byteOffset, record.byteLength);
  if (bytes.length < headerBytes) throw new Error("a record is too short");
  const valueStart = headerBytes + bytes.readUInt32LE(9);
  if (bytes.length < valueStart) throw new Error("a record is cut off");
  return {
    key: bytes.toString("utf8", headerBytes, valueStart),
    value: bytes[0] === putFlag ? bytes.subarray(valueStart) : undefined,
    expiresAtMs: bytes.readDoubleLE(1),
  };
}
