import { collectionPath } from "../../client/rest.js";
import { type AnyObject, kindInWords } from "../api.js";
import { type Call, defineCommand } from "../command.js";
import { AggregateFailure, CliError } from "../errors.js";
import { duration, text } from "../flags.js";
import { evaluateJsonPath, relaxedJsonPath } from "../printers/jsonpath.js";
import { parseResourceArguments } from "../resources/arguments.js";
import { allFlag, allNamespacesFlag, fileFlags, type Info, selectObjects, selectorFlags } from "../resources/select.js";
import { poll, withProgress } from "../waiting.js";
import { conditionsOf } from "../workload.js";

const flags = {
  ...fileFlags,
  ...selectorFlags,
  ...allFlag,
  ...allNamespacesFlag,
  for: text("condition=NAME[=VALUE], delete, create or jsonpath='{PATH}'[=VALUE]."),
  timeout: duration("How long to wait; 0 looks once, less than 0 waits a week."),
  output: text("json, yaml, name, jsonpath=...", { short: "o" }),
};

export const wait = defineCommand({
  name: "wait",
  usage: "([-f FILE] | TYPE NAME | TYPE [(-l SELECTOR | --all)]) [--for=...]",
  summary: "Wait until objects are in a certain state.",
  examples: [
    "navctl wait --for=condition=Available deployment/web",
    "navctl wait --for=delete pod/web-0 --timeout=60s",
  ],
  flags,
  run,
});

/** Undefined: not yet. `object` is undefined where there is none. */
export type Test = (object: AnyObject | undefined) => boolean;

const defaultTimeoutMs = 30_000;
const weekMs = 7 * 24 * 3600 * 1000;

async function run(call: Call<typeof flags>): Promise<number | undefined> {
  const { session, flags: given } = call;
  const kind = given.for ?? "";
  const test = parseFor(kind);
  const timeoutMs = given.timeout === undefined ? defaultTimeoutMs : given.timeout < 0 ? weekMs : given.timeout;
  const startMs = session.clock.monotonic();
  const left = (): number => Math.max(0, timeoutMs - (session.clock.monotonic() - startMs));
  const infos = await waitedFor(call, kind, left());
  if (infos.length === 0) {
    if (kind.toLowerCase() === "delete") return 0;
    if (kind.toLowerCase() === "create") throw new CliError("timed out waiting for the condition");
    throw new CliError("no matching resources found");
  }
  const failures: unknown[] = [];
  for (const info of infos) {
    const what = `${kind} on ${info.resource.plural}/${info.name}`;
    const met = await withProgress(session, what, () => waitOne(call, info, test, left())).catch((error: unknown) => {
      failures.push(error);
      return undefined;
    });
    if (met === undefined) continue;
    if (met) session.print(`${kindInWords(info.resource)}/${info.name} condition met`);
    else {
      const on = kind.toLowerCase() === "create" ? "" : ` on ${info.resource.plural}/${info.name}`;
      failures.push(new CliError(`timed out waiting for the condition${on}`));
    }
  }
  if (failures.length > 0) throw failures.length === 1 ? failures[0] : new AggregateFailure(failures);
  return 0;
}

async function waitedFor(call: Call<typeof flags>, kind: string, timeoutMs: number): Promise<readonly Info[]> {
  const { session, args, flags: given } = call;
  const byName = !given.all && !given.selector && !given["field-selector"];
  const lower = kind.toLowerCase();
  if (lower === "create") {
    if (byName) return selectObjects(session, { args, flags: given, fetch: false });
    const found = await poll(session, timeoutMs, async () => {
      const infos = await selectObjects(session, { args, flags: given, fetch: true });
      return infos.length > 0 ? infos : undefined;
    });
    return found ?? [];
  }
  if (args.length === 1 && byName && given.filename.length === 0 && !args[0]?.includes("/")) {
    await parseResourceArguments(args, await session.discovery());
  }
  return selectObjects(session, {
    args,
    flags: given,
    fetch: true,
    ...(lower === "delete" ? { ignoreNotFound: true } : {}),
  });
}

/** Watches one object until the test holds; false when the time is over. */
async function waitOne({ session }: Call, info: Info, test: Test, timeoutMs: number): Promise<boolean> {
  const { resource, namespace, name } = info;
  const api = await session.api();
  const ended = new AbortController();
  const timer = session.clock.after(Math.min(timeoutMs, 2 ** 31 - 1), () => ended.abort());
  const other = (object: AnyObject): boolean =>
    info.live?.metadata.uid !== undefined && object.metadata.uid !== info.live.metadata.uid;
  try {
    const met = await poll(session, timeoutMs, async () => {
      const { object: live, resourceVersion } = await api.findToWatch(resource, name, namespace);
      if (test(live && other(live) ? undefined : live)) return true;
      if (timeoutMs === 0) return undefined;
      const changes = api.watch({
        path: collectionPath(resource, namespace),
        query: { fieldSelector: `metadata.name=${name}`, resourceVersion },
        signal: ended.signal,
      });
      for await (const { type, object } of changes) {
        if (type !== "BOOKMARK" && test(type === "DELETED" ? undefined : object)) return true;
      }
      return undefined;
    });
    return met ?? false;
  } finally {
    timer.cancel();
    ended.abort();
  }
}

/** Reads `--for`. */
export function parseFor(written: string): Test {
  const lower = written.toLowerCase();
  if (lower === "delete") return (object) => object === undefined;
  if (lower === "create") return (object) => object !== undefined;
  if (lower.startsWith("condition=")) return conditionTest(written.slice("condition=".length));
  if (lower.startsWith("jsonpath=")) return jsonPathTest(written.slice("jsonpath=".length));
  throw new CliError(`unrecognized condition: ${JSON.stringify(written)}`);
}

function conditionTest(written: string): Test {
  const equals = written.indexOf("=");
  const type = (equals < 0 ? written : written.slice(0, equals)).toLowerCase();
  const value = (equals < 0 ? "true" : written.slice(equals + 1)).toLowerCase();
  return (object) => {
    if (!object) return false;
    const condition = conditionsOf(object).find((one) => one.type.toLowerCase() === type);
    if (!condition || condition.status.toLowerCase() !== value) return false;
    const { observedGeneration } = condition;
    return (
      observedGeneration === undefined ||
      object.metadata.generation === undefined ||
      observedGeneration >= object.metadata.generation
    );
  };
}

function jsonPathTest(written: string): Test {
  const [, path, wanted] = /^(\{.*?\}|'?\{.*?\}'?|[^=]*?)(?:=(.*))?$/s.exec(split(written)) ?? [];
  if (!path) throw new CliError("jsonpath expression cannot be empty");
  if (wanted === "") throw new CliError("jsonpath wait value cannot be empty");
  const template = relaxedJsonPath(path.replaceAll("'", ""));
  return (object) => {
    if (!object) return false;
    const values = evaluateJsonPath(template, object).flat();
    if (values.length === 0) return false;
    if (wanted === undefined) return true;
    if (values.length > 1) throw new CliError("given jsonpath expression matches more than one value");
    const [value] = values;
    if (typeof value === "object" && value !== null) {
      throw new CliError("jsonpath leads to a nested object or list which is not supported");
    }
    return String(value) === wanted.replace(/^(["'])(.*)\1$/, "$2");
  };
}

const split = (written: string): string => written.trim();
