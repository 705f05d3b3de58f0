import { VirtualClock } from "../../../base/virtual-clock.js";
import { Leases } from "./leases.js";

/** Leases granted so far, by time to live. */
function recorder(fail = false): { readonly granted: number[]; grantLease(ttlSeconds: number): Promise<string> } {
  const granted: number[] = [];
  return {
    granted,
    async grantLease(ttlSeconds) {
      granted.push(ttlSeconds);
      if (fail && granted.length === 1) throw new Error("no leader");
      return String(granted.length);
    },
  };
}

describe("leases", () => {
  it("are shared by what expires at about the same time, and last long enough for the last of it", async () => {
    const clock = new VirtualClock();
    const client = recorder();
    const leases = new Leases(client, clock);
    const first = await leases.take(3600);
    await clock.advance(59_000);
    expect(await leases.take(3600)).toBe(first);
    await clock.advance(1_000);
    expect(await leases.take(3600)).not.toBe(first);
    expect(client.granted).toEqual([3660, 3660]);
  });

  it("of a short time are short", async () => {
    const client = recorder();
    await new Leases(client, new VirtualClock()).take(10);
    expect(client.granted).toEqual([11]);
  });

  it("carry a hundred keys each: a hundred for ten thousand", async () => {
    const client = recorder();
    const leases = new Leases(client, new VirtualClock());
    await Promise.all(Array.from({ length: 10_000 }, () => leases.take(3600)));
    expect(client.granted).toHaveLength(100);
  });

  it("that were not granted or are gone are asked for again", async () => {
    const client = recorder(true);
    const leases = new Leases(client, new VirtualClock());
    await expect(leases.take(60)).rejects.toThrow("no leader");
    expect(await leases.take(60)).toBe("2");
    leases.forget(60);
    expect(await leases.take(60)).toBe("3");
  });
});
