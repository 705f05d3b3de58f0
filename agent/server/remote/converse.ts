import type { ExecSession } from "../../runtime/runtime.js";
import type { Outcome, RemoteClient } from "./client.js";

export interface StreamsWanted {
  readonly stdin: boolean;
  readonly stdout: boolean;
  readonly stderr: boolean;
  readonly tty: boolean;
}

/** Carries bytes both ways at the pace of the slower side until the program ends, and tells the caller how. */
export async function converse(
  client: RemoteClient,
  session: ExecSession,
  wanted: StreamsWanted,
  outcomeOf: (exitCode: number) => Outcome,
): Promise<void> {
  client.listen({
    take: wanted.stdin ? (bytes) => session.write(bytes) : undefined,
    end: () => session.endInput(),
    resize: (columns, rows) => session.resize?.(columns, rows),
  });
  const pump = async (stream: "stdout" | "stderr", isWanted: boolean): Promise<void> => {
    for await (const chunk of session[stream]) if (isWanted && !client.gone.aborted) await client.send(stream, chunk);
  };
  const pumped = Promise.all([pump("stdout", wanted.stdout), pump("stderr", wanted.stderr && !wanted.tty)]);
  pumped.catch(() => {});
  const code = await session.exitCode;
  await pumped.catch(() => {});
  client.finish(outcomeOf(code));
}
