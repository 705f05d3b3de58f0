import { Balancer } from "./balancer.js";

const backends = [1, 2, 3].map((last) => ({ address: `127.64.0.${last}`, port: 80 }));
const [first, second, third] = backends;

describe("a balancer", () => {
  it("takes turns", () => {
    const balancer = new Balancer();
    const picked = Array.from({ length: 6 }, () => balancer.pick("c", backends, { nowMs: 0 }));
    expect(new Set(picked.slice(0, 3))).toEqual(new Set(backends));
    expect(picked.slice(3)).toEqual(picked.slice(0, 3));
  });

  it("passes over those that were tried, and gives up when all were", () => {
    const balancer = new Balancer();
    const tried = new Set(["127.64.0.1:80", "127.64.0.3:80"]);
    expect(balancer.pick("c", backends, { nowMs: 0, tried })).toBe(second);
    expect(balancer.pick("c", backends, { nowMs: 0, tried: new Set([...tried, "127.64.0.2:80"]) })).toBeUndefined();
  });

  it("keeps a client with its backend until it was silent for too long", () => {
    const balancer = new Balancer();
    const pick = (nowMs: number) => balancer.pick("c", backends, { affinityMs: 1000, nowMs });
    const chosen = pick(0);
    expect([pick(900), pick(1800), pick(2700)]).toEqual([chosen, chosen, chosen]);
    expect(pick(3800)).not.toBe(chosen);
  });

  it("sends a client elsewhere when its backend left or cannot be reached", () => {
    const balancer = new Balancer();
    const options = { affinityMs: 1000, nowMs: 0 };
    const chosen = balancer.pick("c", backends, options);
    const others = backends.filter((each) => each !== chosen);
    const next = balancer.pick("c", others, options);
    expect(next).not.toBe(chosen);
    expect(balancer.pick("c", backends, options)).toBe(next);
    const tried = new Set([`${next?.address}:${next?.port}`]);
    const last = balancer.pick(
      "c",
      [first, second, third].flatMap((each) => each ?? []),
      { ...options, tried },
    );
    expect(last).not.toBe(next);
    expect(balancer.pick("c", backends, options)).toBe(last);
  });

  it("remembers a bounded number of clients, the last ones", () => {
    const balancer = new Balancer();
    const pick = (client: string) => balancer.pick(client, backends, { affinityMs: 1_000_000, nowMs: 0 });
    const before = pick("early");
    for (let i = 0; i < 10_002; i++) pick(`client ${i}`);
    expect(pick("client 10001")).toBe(pick("client 10001"));
    // It is nobody's turn again: a client that was remembered would have its first backend.
    expect(pick("early")).not.toBe(before);
  });
});
