import type { IncomingMessage } from "node:http";
import { Readable } from "node:stream";
import type { Node } from "../../../api/core/node/node.js";
import { silentLog } from "../../../base/log.js";
import { VirtualClock } from "../../../base/virtual-clock.js";
import type { AgentDialer } from "../../outbound/agent-dialer.js";
import { Readings } from "./readings.js";

const node = (name: string, port = 10_250): Node => ({
  apiVersion: "v1",
  kind: "Node",
  metadata: { name, uid: `uid-${name}`, resourceVersion: "1", creationTimestamp: "" },
  spec: {},
  status: { daemonEndpoints: { kubeletEndpoint: { Port: port } } },
});

function setUp(answer: (name: string) => string | Error) {
  const clock = new VirtualClock(1_000_000);
  const asked: string[] = [];
  let underWay = 0;
  let most = 0;
  const dialer: Pick<AgentDialer, "get"> = {
    async get({ node: { metadata } }) {
      asked.push(metadata.name);
      most = Math.max(most, ++underWay);
      await clock.sleep(1);
      underWay--;
      const text = answer(metadata.name);
      if (text instanceof Error) throw text;
      return Object.assign(Readable.from([Buffer.from(text)]), { statusCode: 200 }) as unknown as IncomingMessage;
    },
  };
  const readings = new Readings({ dialer, clock, log: silentLog });
  const of = async (...names: readonly string[]) => {
    const result = readings.of(names.map((name) => node(name)));
    for (let i = 0; i < 40; i++) await clock.advance(100);
    return result;
  };
  return { clock, readings, asked, of, most: () => most };
}

describe("readings of nodes", () => {
  it("are taken twice at first, kept a while, then once more", async () => {
    const { clock, asked, of } = setUp(() => "{}");
    const first = (await of("a")).get("a");
    expect(asked).toEqual(["a", "a"]);
    expect((first?.now.takenAtMs ?? 0) - (first?.before.takenAtMs ?? 0)).toBeGreaterThanOrEqual(1_000);
    expect((await of("a")).get("a")).toBe(first);
    await clock.advance(15_000);
    expect((await of("a")).get("a")?.before).toBe(first?.now);
    expect(asked).toHaveLength(3);
    await clock.advance(70_000);
    await of("a");
    expect(asked).toHaveLength(5);
  });

  it("of a node that does not answer are missing, and it is left alone for a while", async () => {
    const { clock, asked, of } = setUp((name) => (name === "bad" ? new Error("refused") : "{}"));
    expect([...(await of("bad", "good")).keys()]).toEqual(["good"]);
    await of("bad");
    expect(asked.filter((name) => name === "bad")).toHaveLength(1);
    await clock.advance(5_000);
    await of("bad");
    expect(asked.filter((name) => name === "bad")).toHaveLength(2);
  });

  it("are missing where the answer is no JSON, and of nodes without a server", async () => {
    const { readings, asked, of } = setUp(() => "<html>");
    expect([...(await of("a")).keys()]).toEqual([]);
    expect([...(await readings.of([node("b", 0)])).keys()]).toEqual([]);
    expect(asked).toEqual(["a"]);
  });

  it("are shared by those who ask at one time, and of a bounded number of nodes at once", async () => {
    const { asked, of, most } = setUp(() => "{}");
    const names = Array.from({ length: 40 }, (_, i) => `n${i}`);
    await Promise.all([of(...names), of(...names)]);
    expect(asked).toHaveLength(80);
    expect(most()).toBeLessThanOrEqual(16);
  });
});
