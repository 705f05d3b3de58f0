import { pods } from "../../api/core/pod/pod.js";
import { objectPath } from "../../client/rest.js";
import { type AnyObject, encodeQuery } from "../api.js";
import type { Session } from "../session.js";
import { openRemote } from "./command.js";

export interface AttachOptions {
  readonly container: string;
  readonly stdin: boolean;
  readonly tty: boolean;
}

/** Joins the main process of a container; answers its exit code where it ends meanwhile. */
export async function attachTo(session: Session, pod: AnyObject, options: AttachOptions): Promise<number> {
  const { name = "", namespace = "default" } = pod.metadata;
  const { container, stdin, tty } = options;
  const query = encodeQuery({
    container,
    stdin: stdin || undefined,
    stdout: true,
    // A terminal has one stream for both.
    stderr: tty ? undefined : true,
    tty: tty || undefined,
  });
  return openRemote(session, `${objectPath(pods, { name, namespace }, "attach")}?${query}`, { stdin, tty });
}

/** As `attachTo`; a container that cannot be joined has mostly ended, and what it wrote is in its log. */
export async function attachOrPrintLog(session: Session, pod: AnyObject, options: AttachOptions): Promise<number> {
  try {
    return await attachTo(session, pod, options);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    session.note(`warning: couldn't attach to pod/${pod.metadata.name}, falling back to streaming logs: ${why}`);
    await printLog(session, pod, options.container);
    return 0;
  }
}

/** What a container wrote up to now. */
export async function printLog(session: Session, { metadata }: AnyObject, container: string): Promise<void> {
  const { name = "", namespace = "default" } = metadata;
  const path = objectPath(pods, { name, namespace }, "log");
  const { body } = await (await session.api()).stream({ path, query: { container }, accept: "*/*" });
  for await (const chunk of body) session.io.stdout.write(chunk);
}
