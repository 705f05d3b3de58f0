import { getEventListeners } from "node:events";
import { untilAborted } from "./until-aborted.js";

describe("waiting for a promise or an end", () => {
  const never = new Promise<void>(() => {});
  const stop = new AbortController();
  const end = new AbortController();
  const listeners = (): number =>
    getEventListeners(stop.signal, "abort").length + getEventListeners(end.signal, "abort").length;

  it("leaves no listener behind, however often it is done", async () => {
    for (let round = 0; round < 20; round++) await untilAborted(Promise.resolve(), stop.signal, end.signal);
    await expect(untilAborted(Promise.reject(new Error("failed")), stop.signal)).rejects.toThrow("failed");
    expect(listeners()).toBe(0);
  });

  it("is over with the first signal, and at once when there was one before", async () => {
    const waiting = untilAborted(never, stop.signal, end.signal);
    expect(listeners()).toBe(2);
    end.abort();
    await waiting;
    await untilAborted(never, stop.signal, end.signal);
    await untilAborted(Promise.reject(new Error("nobody asks any more")), end.signal);
    expect(listeners()).toBe(0);
  });
});
