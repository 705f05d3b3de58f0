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
