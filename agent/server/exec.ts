import { type ContainerRecord, RuntimeError } from "../runtime/runtime.js";
import { HttpProblem } from "./problem.js";
import { acceptRemote } from "./remote/accept.js";
import { exitOutcome, failure, success } from "./remote/client.js";
import { converse, type StreamsWanted } from "./remote/converse.js";
import type { ServerOptions, Serving } from "./server.js";
import { findTarget, type Target } from "./target.js";
import type { Upgrade } from "./upgrade.js";

/** /exec/NAMESPACE/POD/CONTAINER?command=...: another program beside the container's own. */
export async function serveExec(options: ServerOptions, { path, query, ...upgrade }: Upgrade): Promise<void> {
  const { command, ...wanted } = decodeExecQuery(query);
  const run = runningIn(await findTarget(options, path));
  const client = await acceptRemote(upgrade, wanted);
  try {
    const session = await options.runtime.exec(run.id, {
      command,
      stdin: wanted.stdin,
      tty: wanted.tty,
      signal: client.gone,
    });
    await converse(client, session, wanted, exitOutcome);
  } catch (error) {
    if (!(error instanceof RuntimeError)) options.log.warn("exec failed", { error: String(error) });
    client.finish(failure(error instanceof Error ? error.message : String(error)));
  }
}

/** /attach/NAMESPACE/POD/CONTAINER: the container's own input and output. */
export async function serveAttach(options: Serving, { path, query, ...upgrade }: Upgrade): Promise<void> {
  const asked = decodeStreams(query);
  const target = await findTarget(options, path);
  const run = runningIn(target);
  // Whether it has a terminal is the container's affair, whatever the caller believes.
  const wanted = { ...asked, tty: target.container.tty ?? false };
  const client = await acceptRemote(upgrade, { ...wanted, tty: asked.tty });
  try {
    const fromStart = isNewAndUnseen(options, run);
    const session = await options.runtime.attach(run.id, { stdin: wanted.stdin, fromStart, signal: client.gone });
    await converse(client, session, wanted, () => success);
  } catch (error) {
    if (!(error instanceof RuntimeError)) options.log.warn("attach failed", { error: String(error) });
    client.finish(failure(error instanceof Error ? error.message : String(error)));
  }
}

/**
 * Whoever runs a pod and joins it (`kubectl run -i`) does so once it is seen to run: a program that is quick has said all by
 * then. So the first caller that comes soon after the start is shown what was written since.
 */
function isNewAndUnseen({ joined, clock }: Serving, { id, startedAtMs = 0 }: ContainerRecord): boolean {
  if (joined.has(id)) return false;
  for (const oldest of joined) {
    if (joined.size < joinedMax) break;
    joined.delete(oldest);
  }
  joined.add(id);
  return clock.now() - startedAtMs < newForMs;
}

const newForMs = 60_000;
const joinedMax = 10_000;

function runningIn({ latest, name }: Target): ContainerRecord {
  if (latest?.state !== "running") throw new HttpProblem(500, `container not found (${JSON.stringify(name)})`);
  return latest;
}

export interface ExecQuery extends StreamsWanted {
  readonly command: readonly string[];
}

export function decodeExecQuery(params: URLSearchParams): ExecQuery {
  const command = params.getAll("command");
  if (command.length === 0) throw new HttpProblem(400, "you must specify at least one command");
  return { command, ...decodeStreams(params) };
}

function decodeStreams(params: URLSearchParams): StreamsWanted {
  const on = (name: string): boolean => ["true", "1"].includes(params.get(name) ?? "");
  const streams = { stdin: on("stdin"), stdout: on("stdout"), stderr: on("stderr"), tty: on("tty") };
  if (!streams.stdin && !streams.stdout && !streams.stderr)
    throw new HttpProblem(400, "you must specify at least 1 of stdin, stdout, stderr");
  return streams;
}
