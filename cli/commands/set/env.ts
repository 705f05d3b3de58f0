import { type Call, defineCommand } from "../../command.js";
import { CliError } from "../../errors.js";
import { bool, list, text } from "../../flags.js";
import { selectObjects } from "../../resources/select.js";
import type { Session } from "../../session.js";
import { type ContainerView, type EnvView, type PodSpecView, podSpecOf } from "../../workload.js";
import { changeFlags, changePodSpecs } from "./change.js";

const flags = {
  ...changeFlags,
  containers: text("Containers to change; * stands for any text.", { short: "c" }),
  env: list("KEY=VALUE to set.", { short: "e" }),
  from: text("Take the keys of configmap/NAME or secret/NAME."),
  keys: list("Only these keys of --from."),
  prefix: text("Put in front of the keys of --from."),
  list: bool("Show the environment instead of changing it."),
  overwrite: bool("Change variables that are there already.", { initial: true }),
  resolve: bool("With --list: show what references stand for (not supported)."),
};

export const setEnv = defineCommand({
  name: "env",
  usage: "(-f FILE | TYPE NAME) KEY_1=VAL_1 ... KEY_N- ...",
  summary: "Change the environment of containers.",
  examples: ["navctl set env deployment/web MODE=fast DEBUG-", "navctl set env deployment/web --from=configmap/web"],
  flags,
  run,
});

export interface EnvChanges {
  readonly set: readonly EnvView[];
  readonly remove: readonly string[];
  readonly overwrite: boolean;
}

async function run(call: Call<typeof flags>): Promise<number | undefined> {
  const { session, flags: given } = call;
  if (given.resolve) throw new CliError("--resolve is not supported by navctl");
  const isChange = (argument: string): boolean => argument.includes("=") || /^[^/]+-$/.test(argument);
  const objects = call.args.filter((argument) => !isChange(argument));
  const matches = containerMatcher(given.containers ?? "*");
  if (given.list) {
    await show(session, objects, call, matches);
    return 0;
  }
  if (objects.length === 0 && given.filename.length === 0)
    throw new CliError("one or more resources must be specified as <resource> <name> or <resource>/<name>");
  const written = [...call.args.filter(isChange), ...given.env];
  const set: EnvView[] = written.filter((one) => one.includes("=")).map(pairOf);
  const remove = written.filter((one) => !one.includes("=")).map((one) => one.slice(0, -1));
  if (given.from !== undefined) set.push(...(await referenced(session, given.from, given.keys, given.prefix ?? "")));
  if (set.length + remove.length === 0) throw new CliError("at least one environment variable must be provided");
  return changePodSpecs(call, objects, "env updated", (spec, { resource, name }) => {
    if (!spec.containers.some((container) => matches(container.name)))
      session.note(
        `Warning: ${resource.kind}/${name} does not have any containers matching ${JSON.stringify(given.containers)}`,
      );
    return withEnv(spec, matches, { set, remove, overwrite: given.overwrite });
  });
}

export function withEnv(spec: PodSpecView, matches: (name: string) => boolean, changes: EnvChanges): PodSpecView {
  const change = (container: ContainerView): ContainerView =>
    matches(container.name) ? changed(container, changes) : container;
  return {
    ...spec,
    containers: spec.containers.map(change),
    ...(spec.initContainers ? { initContainers: spec.initContainers.map(change) } : {}),
  };
}

function changed(container: ContainerView, { set, remove, overwrite }: EnvChanges): ContainerView {
  const before = container.env ?? [];
  const taken = set.find((one) => before.some((env) => env.name === one.name && env.value !== one.value));
  if (!overwrite && taken) {
    throw new CliError(
      `'${taken.name}' already has a value (${before.find((env) => env.name === taken.name)?.value}), and --overwrite is false`,
    );
  }
  const byName = new Map(before.map((env) => [env.name, env]));
  for (const one of set) byName.set(one.name, one);
  for (const name of remove) byName.delete(name);
  const env = [...byName.values()];
  if (env.length > 0) return { ...container, env };
  const { env: _, ...rest } = container;
  return rest as ContainerView;
}

function pairOf(written: string): EnvView {
  const equals = written.indexOf("=");
  if (equals < 1) throw new CliError(`invalid parameter assignment ${JSON.stringify(written)}`);
  return { name: written.slice(0, equals), value: written.slice(equals + 1) };
}

/** `*` in a pattern stands for any text. */
export function containerMatcher(pattern: string): (name: string) => boolean {
  const parts = pattern.split("*").map((part) => part.replaceAll(/[.+?^${}()|[\]\\]/g, "\\$&"));
  const whole = new RegExp(`^${parts.join(".*")}$`);
  return (name) => whole.test(name);
}

async function referenced(session: Session, from: string, keys: readonly string[], prefix: string): Promise<EnvView[]> {
  const infos = await selectObjects(session, { args: [from], flags: {}, fetch: true });
  return infos.flatMap(({ resource, name, live }) => {
    const reference =
      resource.plural === "secrets" ? "secretKeyRef" : resource.plural === "configmaps" ? "configMapKeyRef" : undefined;
    if (!reference) throw new CliError(`unsupported resource specified in --from`);
    return Object.keys((live?.data ?? {}) as object)
      .filter((key) => keys.length === 0 || keys.includes(key))
      .sort()
      .map((key) => {
        const variable = key.toUpperCase().replaceAll(/[^A-Z0-9_]/g, "_");
        if (variable !== key) session.note(`Warning: key ${key} transferred to ${variable}`);
        return { name: `${prefix}${variable}`, valueFrom: { [reference]: { key, name } } };
      });
  });
}

async function show(
  session: Session,
  objects: readonly string[],
  { flags: given }: Call<typeof flags>,
  matches: (name: string) => boolean,
): Promise<void> {
  const infos = await selectObjects(session, { args: objects, flags: given, fetch: true });
  for (const { resource, name, live } of infos) {
    const spec = live && podSpecOf(live);
    for (const container of (spec?.containers ?? []).filter((one) => matches(one.name))) {
      session.print(`# ${resource.kind} ${name}, container ${container.name}`);
      for (const env of container.env ?? []) {
        session.print(
          env.valueFrom === undefined
            ? `${env.name}=${env.value ?? ""}`
            : `# ${env.name} from ${JSON.stringify(env.valueFrom)}`,
        );
      }
    }
  }
}
