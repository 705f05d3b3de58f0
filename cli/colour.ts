import pc from "picocolors";
import type { Io } from "./io.js";

/** Colours where standard output is a terminal that wants them; NO_COLOR says no. */
export function coloursOf({ isTty, env }: Io): ReturnType<typeof pc.createColors> {
  return pc.createColors(isTty && !env.NO_COLOR && env.TERM !== "dumb");
}
