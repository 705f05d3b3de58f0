import { messageOf } from "../../../base/error-text.js";
import { type ExecOptions, type ExecSession, RuntimeError } from "../runtime.js";
import { isUnreachable } from "./channel.js";
import type { ExecOrphans } from "./exec-orphans.js";
import type { RuntimeService } from "./service.js";
import { converse, killedCode } from "./streams.js";

/** A program beside a container's own; it ends at the latest when who asked for it has gone. */
export async function startExec(
  service: RuntimeService,
  orphans: ExecOrphans,
  id: string,
  options: ExecOptions,
): Promise<ExecSession> {
  const { command, stdin, tty, signal, brief } = options;
  const over = orphans.asked(id);
  try {
    if (brief && !stdin && !tty) {
      const session = await execSync(service, id, options);
      over(false);
      return session;
    }
    const url = await service.exec({ containerId: id, cmd: command, stdin, tty, stdout: true, stderr: !tty });
    const session = await converse(url, { stdin, tty, signal });
    const ended = session.exitCode.then(
      (code) => code !== killedCode,
      () => false,
    );
    // Whoever goes when he has been told the end leaves nothing behind.
    void ended.then((isOver) => over(signal.aborted && !isOver));
    return session;
  } catch (error) {
    over(signal.aborted);
    throw error instanceof RuntimeError ? error : unlessReachable(error);
  }
}

const unlessReachable = (error: unknown): RuntimeError =>
  new RuntimeError(isUnreachable(error) ? "Unavailable" : "NotRunning", messageOf(error));

/** A program without input, whose output comes at its end. */
async function execSync(service: RuntimeService, id: string, options: ExecOptions): Promise<ExecSession> {
  const { command, signal } = options;
  const answer = service.execSync(id, command, { signal, timeoutMs: briefMaxMs }).catch((error: unknown) => {
    if (isUnreachable(error)) throw new RuntimeError("Unavailable", messageOf(error));
    // Whoever gave up is told of a program that was killed: the runtime kills it.
    if (signal.aborted) return killed;
    throw new RuntimeError("NotFound", messageOf(error));
  });
  const { stdout, stderr, exitCode } = await answer;
  return {
    write: async () => {},
    endInput() {},
    stdout: once(stdout),
    stderr: once(stderr),
    exitCode: Promise.resolve(exitCode),
  };
}

/** Callers end it earlier, by their signal: no probe and no hook takes longer than an hour. */
const briefMaxMs = 2 * 3600 * 1000;
const killed = { stdout: new Uint8Array(), stderr: new Uint8Array(), exitCode: killedCode };

async function* once(bytes: Uint8Array): AsyncIterable<Uint8Array> {
  if (bytes.length > 0) yield bytes;
}
