import { pods } from "../../../api/core/pod/pod.js";
import type { AnyObject } from "../../api.js";
import { CliError, ExitError } from "../../errors.js";
import { attachOrPrintLog, printLog } from "../../remote/attach.js";
import { terminalWanted } from "../../remote/terminal.js";
import type { Session } from "../../session.js";
import { poll } from "../../waiting.js";

interface Options {
  readonly stdin: boolean;
  readonly tty: boolean;
  readonly quiet: boolean;
}
interface ContainerStatus {
  readonly name: string;
  readonly state?: {
    readonly running?: unknown;
    readonly terminated?: { readonly exitCode: number; readonly reason?: string };
    readonly waiting?: { readonly reason?: string; readonly message?: string };
  };
}

const startTimeoutMs = 60_000;

/** Waits until the container runs, and joins it. */
export async function joinContainer(
  session: Session,
  pod: AnyObject,
  container: string,
  options: Options,
): Promise<number> {
  const { name = "", namespace = "default" } = pod.metadata;
  const api = await session.api();
  const found = await poll(session, startTimeoutMs, async () => {
    const live = await api.get(pods, name, namespace);
    const { containerStatuses = [], ephemeralContainerStatuses = [] } = (live.status ?? {}) as {
      readonly containerStatuses?: readonly ContainerStatus[];
      readonly ephemeralContainerStatuses?: readonly ContainerStatus[];
    };
    const state = [...containerStatuses, ...ephemeralContainerStatuses].find((one) => one.name === container)?.state;
    return state?.running || state?.terminated ? { live, state } : undefined;
  });
  if (!found) throw new CliError(`timed out waiting for container ${container} of pod ${name} to run`);
  const { terminated } = found.state;
  if (terminated) {
    await printLog(session, found.live, container);
    if (terminated.exitCode !== 0) throw new ExitError(terminated.exitCode);
    return 0;
  }
  const tty = terminalWanted(session, options.stdin, options.tty, options.quiet);
  if (options.stdin && !options.quiet) session.note("If you don't see a command prompt, try pressing enter.");
  const code = await attachOrPrintLog(session, found.live, { container, stdin: options.stdin, tty });
  if (code !== 0) throw new ExitError(code);
  return 0;
}
