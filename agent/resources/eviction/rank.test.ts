import fc from "fast-check";
import { pod } from "../../pod/pod.test-kit.js";
import { evictionMessage } from "./message.js";
import { type Consumption, rankForEviction, type Use } from "./rank.js";
import { signals } from "./threshold.js";

const nothing: Use = { used: 0, requested: 0 };
const consumer = (name: string, parts: Partial<Consumption>, priority = 0): Consumption => ({
  pod: pod({ priority }, { metadata: { name } }),
  memory: nothing,
  disk: nothing,
  inodes: nothing,
  processes: nothing,
  containers: [],
  ...parts,
});
const names = (ranked: readonly Consumption[]) => ranked.map(({ pod: { metadata } }) => metadata.name);

describe("who is evicted first", () => {
  it("is who uses more than it asked for, then the less important, then the farthest above", () => {
    const ranked = rankForEviction("memory.available", [
      consumer("within", { memory: { used: 900, requested: 1000 } }),
      consumer("important", { memory: { used: 500, requested: 0 } }, 100),
      consumer("little", { memory: { used: 110, requested: 100 } }),
      consumer("much", { memory: { used: 300, requested: 100 } }),
      consumer("within-important", { memory: { used: 1, requested: 1000 } }, 100),
    ]);
    expect(names(ranked)).toEqual(["much", "little", "important", "within", "within-important"]);
  });

  it("is who has most on the disk, most files or most processes, as it is those that run out", () => {
    const pods = [
      consumer("files", { inodes: { used: 9, requested: 0 }, disk: { used: 1, requested: 0 } }),
      consumer("bytes", { inodes: { used: 1, requested: 0 }, disk: { used: 9, requested: 0 } }),
      consumer("forks", { processes: { used: 9, requested: 0 } }),
    ];
    expect(names(rankForEviction("nodefs.available", pods))[0]).toBe("bytes");
    expect(names(rankForEviction("nodefs.inodesFree", pods))[0]).toBe("files");
    expect(names(rankForEviction("pid.available", pods))[0]).toBe("forks");
  });

  const use = fc.record({ used: fc.nat(20), requested: fc.nat(20) });
  const consumers = fc.array(
    fc.record({
      memory: use,
      disk: use,
      inodes: use,
      processes: use,
      priority: fc.constantFrom(-5, 0, 7, 2_000_000_000),
    }),
    { maxLength: 12 },
  );

  it("is never a critical pod, and nobody else is left out", () => {
    fc.assert(
      fc.property(fc.constantFrom(...signals), consumers, (signal, made) => {
        const pods = made.map(({ priority, ...uses }, at) => consumer(`p${at}`, uses, priority));
        const ranked = rankForEviction(signal, pods);
        expect(new Set(names(ranked))).toEqual(
          new Set(names(pods.filter(({ pod: { spec } }) => (spec.priority ?? 0) < 2_000_000_000))),
        );
      }),
    );
  });

  it("is nobody who keeps to what it asked for while another does not", () => {
    fc.assert(
      fc.property(consumers, (made) => {
        const pods = made.map(({ priority, ...uses }, at) => consumer(`p${at}`, uses, priority));
        const exceeding = rankForEviction("memory.available", pods).map(({ memory }) => memory.used > memory.requested);
        expect(exceeding).toEqual(exceeding.toSorted((a, b) => Number(b) - Number(a)));
      }),
    );
  });
});

describe("what an evicted pod is told", () => {
  const ki = 1024;
  it("names the resource, the threshold, and the containers that use more than they asked for", () => {
    expect(
      evictionMessage(
        { signal: "memory.available", below: { value: 100 * ki * ki, text: "100Mi" }, graceMs: 0 },
        { signal: "memory.available", available: 98 * ki * ki + 12, capacity: 1024 ** 3 },
        consumer("p", {
          containers: [
            { name: "hog", memory: { used: 43_536 * ki, requested: 0 }, disk: nothing },
            { name: "modest", memory: { used: 1, requested: ki }, disk: nothing },
          ],
        }),
      ),
    ).toBe(
      "The node was low on resource: memory. Threshold quantity: 100Mi, available: 98Mi. " +
        "Container hog was using 43536Ki, request is 0, has larger consumption of memory. ",
    );
  });
});
