import type { User } from "../request.js";

/** The node that a user is, as its certificate says: user `system:node:NAME` in the group `system:nodes`. */
export function nodeNameOf({ name, groups }: User): string | undefined {
  if (!name.startsWith(userPrefix) || !groups.includes("system:nodes")) return undefined;
  return name.slice(userPrefix.length);
}

const userPrefix = "system:node:";
