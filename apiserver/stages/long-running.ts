import { StatusError } from "../../apimachinery/status.js";
import type { User } from "../request.js";

/** Watches, logs, execs and the like that one user may have open at a time: some for every pod of a big installation. */
export const longRunningMaxPerUser = 2_000;

/** Gives the place back; once. */
export type LeavePlace = () => void;

/**
 * Bounds what each user keeps open, since nothing else does: such requests take no seat. Throws 429 TooManyRequests. The
 * cluster's own components are not counted; without their watches it would stand still.
 */
export function createPlaces(maxPerUser = longRunningMaxPerUser): (user: User) => LeavePlace {
  const taken = new Map<string, number>();
  return (user) => {
    if (isComponent(user)) return () => {};
    const { name } = user;
    const count = taken.get(name) ?? 0;
    if (count >= maxPerUser) {
      const message = `too many watches and other long requests of user ${JSON.stringify(name)} (at most ${maxPerUser}), please try again later`;
      throw new StatusError("TooManyRequests", message, { retryAfterSeconds });
    }
    taken.set(name, count + 1);
    let left = false;
    return () => {
      if (left) return;
      left = true;
      const now = (taken.get(name) ?? 1) - 1;
      if (now > 0) taken.set(name, now);
      else taken.delete(name);
    };
  };
}

const retryAfterSeconds = 1;

/** Only who holds the cluster's authority can make such a name; service accounts and strangers have others. */
const isComponent = ({ name, groups }: User): boolean =>
  groups.includes("system:masters") ||
  groups.includes("system:serviceaccounts:kube-system") ||
  (name.startsWith("system:") && !name.startsWith("system:serviceaccount:") && name !== "system:anonymous");
