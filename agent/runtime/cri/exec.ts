import { messageOf } from "../../../base/error-text.js";
import { type ExecOptions, type ExecSession, RuntimeError } from "../runtime.js";
import { isUnreachable } from "./channel.js";
import type { RuntimeService } from "./service.js";

/** A program without input, whose output comes at its end. */
export async function execSync(service: RuntimeService, id: string, options: ExecOptions): Promise<ExecSession> {
  if (options.tty || options.stdin)
    throw new RuntimeError("NotSupported", "input and terminals are not supported on this node yet");
  const answer = service.execSync(id, options.command, { signal: options.signal }).catch((error: unknown) => {
    // Whoever gave up is told of a program that was killed: the runtime kills it.
    if (options.signal.aborted) return killed;
    throw isUnreachable(error)
      ? new RuntimeError("Unavailable", messageOf(error))
      : new RuntimeError("NotFound", messageOf(error));
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

const killed = { stdout: new Uint8Array(), stderr: new Uint8Array(), exitCode: 137 };

async function* once(bytes: Uint8Array): AsyncIterable<Uint8Array> {
  if (bytes.length > 0) yield bytes;
}
