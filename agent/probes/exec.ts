import type { ExecAction } from "../../api/core/pod/probe.js";
import type { ProbeContext } from "./probe.js";
import { failure, type ProbeResult, success } from "./result.js";

/** A command in the container; exit code 0 is success. */
export async function probeExec(
  { command = [] }: ExecAction,
  { runtime, clock, run, timeoutMs }: ProbeContext,
): Promise<ProbeResult> {
  const abort = new AbortController();
  let timedOut = false;
  // Runtimes may answer only when the program is over: its time counts from here.
  const timer = Number.isFinite(timeoutMs)
    ? clock.after(timeoutMs, () => {
        timedOut = true;
        abort.abort();
      })
    : undefined;
  try {
    const asked = { command, stdin: false, tty: false, brief: true, signal: abort.signal };
    const session = await runtime.exec(run.id, asked);
    const output = Promise.all([textOf(session.stdout), textOf(session.stderr)]);
    const code = await session.exitCode;
    if (timedOut) return failure(`command ${JSON.stringify(command.join(" "))} timed out after ${timeoutMs / 1000}s`);
    const text = (await output).join("");
    return code === 0
      ? success(text)
      : { ...failure(text === "" ? `command exited with ${code}` : text), exitCode: code };
  } finally {
    timer?.cancel();
  }
}

/** Never fails: output that breaks off (the program was killed, its pod has gone) is as much as it is. */
async function textOf(stream: AsyncIterable<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  try {
    for await (const chunk of stream) {
      if (bytes < outputMaxBytes) chunks.push(chunk);
      bytes += chunk.length;
    }
  } catch {
    // The exit code says how it went.
  }
  return Buffer.concat(chunks).subarray(0, outputMaxBytes).toString("utf8");
}

const outputMaxBytes = 10 * 1024;
