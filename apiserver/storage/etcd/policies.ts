import type { IOptions } from "etcd3";
import type { Clock } from "../../../base/clock.js";

type Policy = NonNullable<NonNullable<IOptions["faultHandling"]>["global"]>;

/** How long a member that could not be reached is passed over, while there are others. */
const memberRestMs = 2_000;

const policy = (execute: Policy["execute"]): Policy => ({
  get _altReturn(): never {
    throw new Error("this property exists for the compiler only");
  },
  onSuccess: () => ({ dispose() {} }),
  onFailure: () => ({ dispose() {} }),
  execute,
});
const never = new AbortController().signal;

/** Calls once and reports what comes of it. */
export const once: Policy = policy(async (call, signal = never) => call({ signal }));

/** Passes over a member that has just failed, which makes the pool take another one. */
export function memberPolicy(clock: Clock): Policy {
  let restsUntilMs = Number.NEGATIVE_INFINITY;
  return policy(async (call, signal = never) => {
    if (clock.monotonic() < restsUntilMs) throw new Error("UNAVAILABLE: this etcd member could not be reached lately");
    try {
      return await call({ signal });
    } catch (error) {
      if (/UNAVAILABLE|ECONN|No connection established|deadline/i.test(String(error)))
        restsUntilMs = clock.monotonic() + memberRestMs;
      throw error;
    }
  });
}
