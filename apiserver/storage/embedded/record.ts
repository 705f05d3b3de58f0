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

/** All records of a group in one allocation: one for each would cost more than the writing. */
export function encodeRecords(records: readonly StoredRecord[]): Buffer[] {
  const sizes = records.map(({ key, value }) => headerBytes + Buffer.byteLength(key) + (value?.length ?? 0));
  // Not from Buffer's pool: the store's thread reads it while this one goes on.
  const slab = Buffer.allocUnsafeSlow(sizes.reduce((sum, size) => sum + size, 0));
  let at = 0;
  return records.map((record, index) => {
    const end = at + (sizes[index] ?? 0);
    const bytes = slab.subarray(at, end);
    at = end;
    fill(bytes, record);
    return bytes;
  });
}

function fill(bytes: Buffer, { key, value, expiresAtMs }: StoredRecord): void {
  const valueStart = bytes.length - (value?.length ?? 0);
  bytes[0] = value ? putFlag : 0;
  bytes.writeDoubleLE(expiresAtMs, 1);
  bytes.writeUInt32LE(valueStart - headerBytes, 9);
  bytes.write(key, headerBytes);
  if (value) bytes.set(value, valueStart);
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
