import { createMetrics } from "../../base/metrics.js";
import { VirtualClock } from "../../base/virtual-clock.js";
import type { RequestInfo, User } from "../request.js";
import { createSeats, type LeaveSeat } from "./in-flight.js";

const user: User = { name: "somebody", uid: "", groups: [], extra: {} };
const write: RequestInfo = { verb: "create", path: "/x", resource: undefined };
const seats = (limits: { readonly mutating: number; readonly waiting?: number }, clock = new VirtualClock()) => {
  const patience = { clock, waitMaxMs: 15_000 };
  const take = createSeats({ readOnly: 1, ...limits }, createMetrics().gauge("seats", "", ["kind"]), patience);
  return (signal = new AbortController().signal) => take(user, write, { signal }, user);
};

describe("seats", () => {
  it("refuses when all are taken and nobody may wait", () => {
    const take = seats({ mutating: 1 });
    take();
    expect(take).toThrow("too many requests");
  });

  it("gives a seat that is left to who has waited longest", async () => {
    const take = seats({ mutating: 1, waiting: 2 });
    const first = take() as LeaveSeat;
    const order: string[] = [];
    const second = Promise.resolve(take()).then((leave) => {
      order.push("second");
      return leave;
    });
    const third = Promise.resolve(take()).then(() => order.push("third"));
    expect(take).toThrow("too many requests");
    first();
    (await second)();
    await third;
    expect(order).toEqual(["second", "third"]);
  });

  it("does not count a seat twice that is left twice", async () => {
    const take = seats({ mutating: 1 });
    const leave = take() as LeaveSeat;
    leave();
    leave();
    take();
    expect(take).toThrow("too many requests");
  });

  it("lets who is gone wait no longer", async () => {
    const take = seats({ mutating: 1, waiting: 1 });
    const leave = take() as LeaveSeat;
    const client = new AbortController();
    const waiting = take(client.signal);
    client.abort();
    await expect(waiting).rejects.toThrow("too many requests");
    leave();
    expect(typeof take()).toBe("function");
  });

  it("refuses who has waited for long, and gives the seat to who has not", async () => {
    const clock = new VirtualClock();
    const take = seats({ mutating: 1, waiting: 2 }, clock);
    const leave = take() as LeaveSeat;
    const early = Promise.resolve(take()).catch((error: unknown) => error);
    await clock.advance(14_000);
    const late = take();
    await clock.advance(1_000);
    expect(await early).toMatchObject({ code: 429, details: { retryAfterSeconds: 1 } });
    leave();
    const seat = await late;
    await clock.advance(60_000);
    expect(take()).toBeInstanceOf(Promise);
    seat();
  });
});
