import { UserError } from "./user-error.js";

export type RuntimeChoice = "auto" | "cri" | "process" | "simulated";

/** Which runtime the nodes get, and one line that says why. */
export function chooseRuntime(
  choice: RuntimeChoice,
  criSocket: string | undefined,
): { readonly runtime: "process" | "simulated"; readonly why: string } {
  if (choice === "cri" || criSocket !== undefined) {
    throw new UserError(
      "containers through a CRI runtime are not built yet: use --runtime process (see docs/limits.md)",
    );
  }
  if (choice === "simulated")
    return { runtime: "simulated", why: "runtime simulated: pods are state machines, no program runs" };
  const asked = choice === "process" ? "as asked" : "containers are not built yet";
  return {
    runtime: "process",
    why: `runtime process (${asked}): pods are plain processes of this machine and no sandbox; whoever may create pods runs programs as you`,
  };
}
