import { pods } from "../../api/core/pod/pod.js";
import { objectPath } from "../../client/rest.js";
import type { AnyObject, Api, Query } from "../api.js";
import { type Call, defineCommand } from "../command.js";
import { AggregateFailure, CliError, isStatus, isStatusError } from "../errors.js";
import { bool, duration, int, text } from "../flags.js";
import { defaultContainer, onePodOf, podsOf, specOf } from "../resources/pods.js";

const flags = {
  "all-containers": bool("All containers of the pod."),
  "all-pods": bool("All pods of the workload, with their names."),
  container: text("Container.", { short: "c" }),
  follow: bool("Go on with what is written from now on.", { short: "f" }),
  "ignore-errors": bool("Go on with the other streams when one fails."),
  "limit-bytes": int("Most bytes to show."),
  "max-log-requests": int("Most streams to follow at a time."),
  "pod-running-timeout": duration("Accepted; a pod is not waited for."),
  prefix: bool("Put pod and container in front of lines."),
  previous: bool("The container's run before this one.", { short: "p" }),
  selector: text("Label selector of the pods.", { short: "l" }),
  since: duration("Only lines younger than this."),
  "since-time": text("Only lines after this time (RFC 3339)."),
  tail: int("Only so many lines from the end; -1 for all."),
  timestamps: bool("Put the time in front of lines."),
};

export const logs = defineCommand({
  name: "logs",
  usage: "[-f] [-p] (POD | TYPE/NAME) [-c CONTAINER]",
  summary: "Print what the containers of a pod wrote.",
  examples: ["navctl logs web-0", "navctl logs -f deployment/web --tail=20", "navctl logs -l app=web --prefix"],
  flags,
  run,
});

interface Stream {
  readonly pod: AnyObject;
  readonly container: string;
}

const followersDefault = 5;
const selectedTail = 10;

async function run(call: Call<typeof flags>): Promise<number | undefined> {
  const { session, flags: given } = call;
  const query = queryOf(call);
  const streams = await streamsOf(call);
  const api = await session.api();
  const prefixed = given.prefix || given["all-pods"];
  if (streams.length === 0) {
    session.note(`No resources found in ${await session.namespace()} namespace.`);
    return 0;
  }
  if (!given.follow) {
    for (const stream of streams) await copy(call, api, stream, query, prefixed);
    return 0;
  }
  const most = given["max-log-requests"] ?? followersDefault;
  if (streams.length > most) {
    throw new CliError(
      `you are attempting to follow ${streams.length} log streams, but maximum allowed concurrency is ${most}, use --max-log-requests to increase the limit`,
    );
  }
  const ended = await Promise.allSettled(streams.map((stream) => copy(call, api, stream, query, prefixed)));
  const failures = ended.flatMap((one) => (one.status === "rejected" ? [one.reason] : []));
  if (failures.length > 0) throw failures.length === 1 ? failures[0] : new AggregateFailure(failures);
  return 0;
}

async function streamsOf({ session, args, flags: given, usageError }: Call<typeof flags>): Promise<readonly Stream[]> {
  const [argument, container] = args;
  const named = given.container ?? container;
  if ((given.selector === undefined && argument === undefined) || args.length > 2) {
    throw usageError(
      "expected 'logs [-f] [-p] (POD | TYPE/NAME) [-c CONTAINER]'.\nPOD or TYPE/NAME is a required argument for the logs command",
    );
  }
  if (given.selector !== undefined && argument !== undefined)
    throw usageError("only a selector (-l) or a POD name is allowed");
  if (named !== undefined && given["all-containers"])
    throw new CliError(`--all-containers=true should not be specified with container name ${named}`);
  const found = await foundPods(session, given, argument);
  return found.flatMap((pod): Stream[] => {
    if (!given["all-containers"])
      return [{ pod, container: named === undefined ? defaultContainer(session, pod) : known(pod, named) }];
    const { initContainers = [], containers, ephemeralContainers = [] } = specOf(pod);
    return [...initContainers, ...containers, ...ephemeralContainers].map(({ name }) => ({ pod, container: name }));
  });
}

async function foundPods(
  session: Call["session"],
  given: Call<typeof flags>["flags"],
  argument: string | undefined,
): Promise<readonly AnyObject[]> {
  if (argument === undefined) {
    return (await (await session.api()).list(pods, await session.namespace(), { labelSelector: given.selector })).items;
  }
  try {
    const purpose = "get the logs from";
    return given["all-pods"] ? await podsOf(session, argument, purpose) : [await onePodOf(session, argument, purpose)];
  } catch (error) {
    if (!isStatus(error, "NotFound") || !isStatusError(error)) throw error;
    throw new CliError(
      `error from server (NotFound): ${error.message} in namespace ${JSON.stringify(await session.namespace())}`,
    );
  }
}

function known(pod: AnyObject, container: string): string {
  const { initContainers = [], containers, ephemeralContainers = [] } = specOf(pod);
  if ([...initContainers, ...containers, ...ephemeralContainers].some(({ name }) => name === container))
    return container;
  throw new CliError(`container ${container} is not valid for pod ${pod.metadata.name}`);
}

function queryOf({ flags: given, given: set }: Call<typeof flags>): Query {
  if (given.since !== undefined && given.since < 0) throw new CliError("--since must be greater than 0");
  if (given.since && given["since-time"])
    throw new CliError("at most one of `sinceTime` or `sinceSeconds` may be specified");
  if (given["since-time"] !== undefined && Number.isNaN(Date.parse(given["since-time"]))) {
    throw new CliError(
      `parsing time ${JSON.stringify(given["since-time"])}: it is not of the form 2006-01-02T15:04:05Z`,
    );
  }
  const tail = set.has("tail") ? given.tail : given.selector === undefined ? -1 : selectedTail;
  if (tail !== undefined && tail < -1) throw new CliError("--tail must be greater than or equal to -1");
  if ((given["limit-bytes"] ?? 0) < 0) throw new CliError("--limit-bytes must be greater than 0");
  return {
    follow: given.follow || undefined,
    previous: given.previous || undefined,
    timestamps: given.timestamps || undefined,
    tailLines: tail === undefined || tail < 0 ? undefined : tail,
    sinceSeconds: given.since ? Math.round(given.since / 1000) : undefined,
    sinceTime: given["since-time"],
    limitBytes: given["limit-bytes"] || undefined,
  };
}

async function copy(
  { session, flags: given }: Call<typeof flags>,
  api: Api,
  stream: Stream,
  query: Query,
  prefixed: boolean,
): Promise<void> {
  const { metadata } = stream.pod;
  const path = objectPath(pods, { name: metadata.name ?? "", namespace: metadata.namespace ?? "default" }, "log");
  try {
    const { body } = await api.stream({ path, query: { ...query, container: stream.container }, accept: "*/*" });
    const prefix = prefixed ? `[pod/${metadata.name}/${stream.container}] ` : "";
    for await (const chunk of prefix === "" ? body : prefixLines(body, prefix)) session.io.stdout.write(chunk);
  } catch (error) {
    if (session.io.signal?.aborted) return;
    if (!given["ignore-errors"]) throw error;
    session.note(`error: ${error instanceof Error ? error.message : error}`);
  }
}

const newline = 10;

/** Whole lines, each with the prefix in front, so that streams do not mix within a line. */
export async function* prefixLines(body: AsyncIterable<Uint8Array>, prefix: string): AsyncIterable<string> {
  let rest = Buffer.alloc(0);
  for await (const chunk of body) {
    rest = Buffer.concat([rest, chunk]);
    const end = rest.lastIndexOf(newline);
    if (end < 0) continue;
    const lines = rest.subarray(0, end).toString("utf8").split("\n");
    rest = rest.subarray(end + 1);
    yield lines.map((line) => `${prefix}${line}\n`).join("");
  }
  if (rest.length > 0) yield `${prefix}${rest.toString("utf8")}`;
}
