import { LateAbort } from "./late-abort.js";

describe("a late abort", () => {
  it("is told to who asked for its signal before, once", () => {
    const late = new LateAbort();
    const { signal } = late;
    const told = jest.fn();
    signal.addEventListener("abort", told);
    expect(signal.aborted).toBe(false);
    late.abort("first");
    late.abort("second");
    expect(told).toHaveBeenCalledTimes(1);
    expect(signal.reason).toBe("first");
    expect(late.signal).toBe(signal);
  });

  it("is found by who asks for its signal afterwards", () => {
    const late = new LateAbort();
    late.abort("first");
    late.abort("second");
    expect(late.signal).toMatchObject({ aborted: true, reason: "first" });
  });
});
