import { collectionPath } from "../../../client/rest.js";
import type { AnyObject } from "../../api.js";
import { type Call, defineCommand } from "../../command.js";
import { CliError } from "../../errors.js";
import { bool, duration, int } from "../../flags.js";
import { fileFlags, type Info, select, selectorFlags, settleSelected } from "../../resources/select.js";
import { poll } from "../../waiting.js";
import { type Progress, progressViewers } from "./progress.js";

const flags = {
  ...fileFlags,
  ...selectorFlags,
  watch: bool("Go on until the roll-out is over.", { short: "w", initial: true }),
  timeout: duration("How long to wait; 0 waits for ever."),
  revision: int("The revision to follow; an error when another one is current."),
};

export const status = defineCommand({
  name: "status",
  usage: "(TYPE NAME | TYPE/NAME)",
  summary: "Show how far a roll-out is, until it is over.",
  flags,
  run,
});

async function run(call: Call<typeof flags>): Promise<number | undefined> {
  const { session, args, flags: given } = call;
  if (args.length === 0 && given.filename.length === 0) throw new CliError("required resource not specified");
  const selected = await select(session, { args, flags: given, fetch: true, kindMeansAll: true });
  await settleSelected(selected, (info) => follow(call, info));
  return 0;
}

const foreverMs = 365 * 24 * 3600 * 1000;

async function follow(
  { session, flags: given }: Call<typeof flags>,
  { resource, namespace, name, live }: Info,
): Promise<void> {
  const viewer = progressViewers[`${resource.kind}.${resource.group}`];
  if (!viewer || !live) throw new CliError(`no status viewer has been implemented for ${resource.kind}`);
  let said = "";
  /** True when it is over; throws when it failed. */
  const look = (object: AnyObject): boolean => {
    const progress: Progress = viewer(object);
    if (progress.failed) throw new CliError(progress.message);
    const revision = object.metadata.annotations?.["deployment.kubernetes.io/revision"];
    if (given.revision && revision !== undefined && Number(revision) !== given.revision) {
      throw new CliError(`desired revision (${given.revision}) is different from the running revision (${revision})`);
    }
    if (progress.message !== said) session.print(progress.message);
    said = progress.message;
    return progress.done || !given.watch;
  };
  if (look(live)) return;
  const ended = new AbortController();
  const api = await session.api();
  const end = session.clock.monotonic() + (given.timeout || foreverMs);
  const timer = session.clock.after(Math.min(given.timeout || foreverMs, 2 ** 31 - 1), () => ended.abort());
  try {
    // A watch that the server ends is begun again from a fresh read.
    const done = await poll(session, end - session.clock.monotonic(), async (): Promise<true | undefined> => {
      const { object, resourceVersion } = await api.findToWatch(resource, name, namespace);
      if (!object) throw new CliError("object has been deleted");
      if (look(object)) return true;
      const changes = api.watch({
        path: collectionPath(resource, namespace),
        query: { fieldSelector: `metadata.name=${name}`, resourceVersion },
        signal: ended.signal,
      });
      for await (const { type, object: changed } of changes) {
        if (type === "DELETED") throw new CliError("object has been deleted");
        if (type !== "BOOKMARK" && look(changed)) return true;
      }
      return undefined;
    });
    if (!done) throw new CliError("timed out waiting for the condition");
  } finally {
    timer.cancel();
    ended.abort();
  }
}
