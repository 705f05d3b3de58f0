import { pods } from "../../../api/core/pod/pod.js";
import type { AnyObject } from "../../api.js";
import { CliError, ExitError, isStatus } from "../../errors.js";
import { attachOrPrintLog, printLog } from "../../remote/attach.js";
import { terminalWanted } from "../../remote/terminal.js";
import { specOf } from "../../resources/pods.js";
import type { Session } from "../../session.js";
import { poll, waitUntilGone } from "../../waiting.js";

interface Options {
  readonly stdin: boolean;
  readonly tty: boolean;
  readonly quiet: boolean;
  readonly rm: boolean;
  readonly "pod-running-timeout"?: number | undefined;
  readonly "grace-period"?: number | undefined;
}
interface Status {
  readonly phase?: string;
  readonly containerStatuses?: readonly {
    readonly name: string;
    readonly state?: { readonly terminated?: { readonly exitCode: number; readonly reason?: string } };
  }[];
}

const startTimeoutMs = 60_000;
const endTimeoutMs = 30_000;
const statusOf = (pod: AnyObject): Status => (pod.status ?? {}) as Status;

/** Waits for the pod that was made, joins it, ends as its container does. */
export async function attachToNew(session: Session, made: AnyObject, options: Options): Promise<number> {
  try {
    return await follow(session, made, options);
  } finally {
    if (options.rm) await remove(session, made, options);
  }
}

async function follow(session: Session, made: AnyObject, options: Options): Promise<number> {
  const { name = "", namespace = "default" } = made.metadata;
  const api = await session.api();
  const limitMs = options["pod-running-timeout"] ?? startTimeoutMs;
  const pod = await poll(session, limitMs, async () => {
    const live = await api.get(pods, name, namespace);
    return ["Running", "Succeeded", "Failed"].includes(statusOf(live).phase ?? "") ? live : undefined;
  });
  if (!pod) throw new CliError("timed out waiting for the condition");
  const container = specOf(pod).containers[0]?.name ?? name;
  const tty = terminalWanted(session, options.stdin, options.tty, options.quiet);
  if (statusOf(pod).phase === "Running") {
    if (options.stdin && !options.quiet) session.note("If you don't see a command prompt, try pressing enter.");
    await attachOrPrintLog(session, pod, { container, stdin: options.stdin, tty });
  } else await printLog(session, pod, container);
  if ((pod.spec as { readonly restartPolicy?: string }).restartPolicy === "Always") return 0;
  const ended = await poll(session, endTimeoutMs, async () => {
    const live = await api.get(pods, name, namespace);
    return ["Succeeded", "Failed"].includes(statusOf(live).phase ?? "") ? live : undefined;
  });
  const state = ended && statusOf(ended).containerStatuses?.find((one) => one.name === container)?.state?.terminated;
  if (!state || state.exitCode === 0) return 0;
  session.note(`pod ${namespace}/${name} terminated (${state.reason ?? "Error"})`);
  throw new ExitError(state.exitCode);
}

async function remove(session: Session, { metadata }: AnyObject, options: Options): Promise<void> {
  const { name = "", namespace = "default", uid } = metadata;
  const grace = options["grace-period"];
  try {
    await (await session.api()).delete(pods, name, namespace, {
      propagationPolicy: "Background",
      ...(grace === undefined || grace < 0 ? {} : { gracePeriodSeconds: grace }),
    });
  } catch (error) {
    if (!isStatus(error, "NotFound")) throw error;
  }
  if (!options.quiet) session.print(`pod ${JSON.stringify(name)} deleted`);
  const discovered = await (await session.discovery()).resolve("pods");
  await waitUntilGone(session, [{ resource: discovered, namespace, name, uid }], undefined);
}
