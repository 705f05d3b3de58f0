import { type Call, defineCommand } from "../command.js";
import { AggregateFailure, CliError, isStatus } from "../errors.js";
import { bool, int } from "../flags.js";
import { allNamespacesFlag, fileFlags, type Info, selectObjects, selectorFlags } from "../resources/select.js";
import type { Session } from "../session.js";

const flags = {
  ...fileFlags,
  ...selectorFlags,
  ...allNamespacesFlag,
  "chunk-size": int("Objects to ask for at a time."),
  "show-events": bool("Show the events of the objects.", { initial: true }),
};

export const describe = defineCommand({
  name: "describe",
  usage: "(-f FILE | TYPE [NAME_PREFIX | -l SELECTOR] | TYPE/NAME)",
  summary: "Show objects in detail, with their events.",
  examples: ["navctl describe pod web-0", "navctl describe nodes", "navctl describe pods -l app=web"],
  flags,
  run,
});

async function run({ session, args, flags: given }: Call<typeof flags>): Promise<number | undefined> {
  if (args.length === 0 && given.filename.length === 0) {
    throw new CliError(
      'You must specify the type of resource to describe. Use "navctl api-resources" for a complete list of supported resources.\n',
    );
  }
  let first = true;
  const show = async (infos: readonly Info[]): Promise<void> => {
    for (const info of infos) {
      if (!first) session.print("\n");
      first = false;
      session.io.stdout.write(await describeOne(session, info, given["show-events"]));
    }
  };
  const found = await find(session, args, given);
  await show(found.infos);
  if (found.failures.length > 0)
    throw found.failures.length === 1 ? found.failures[0] : new AggregateFailure(found.failures);
  if (found.infos.length === 0) {
    const namespaced = !given["all-namespaces"];
    session.note(namespaced ? `No resources found in ${await session.namespace()} namespace.` : "No resources found");
  }
  return 0;
}

type Given = Call<typeof flags>["flags"];

/** By name; where there is no such name, everything whose name begins so. */
async function find(
  session: Session,
  args: readonly string[],
  given: Given,
): Promise<{ infos: readonly Info[]; failures: readonly unknown[] }> {
  const options = { flags: given, fetch: true, kindMeansAll: true };
  const [type = "", ...names] = args;
  if (names.length === 0 || type.includes("/"))
    return { infos: await selectObjects(session, { args, ...options }), failures: [] };
  const infos: Info[] = [];
  const failures: unknown[] = [];
  for (const name of names) {
    try {
      infos.push(...(await selectObjects(session, { args: [type, name], ...options })));
    } catch (error) {
      if (!isStatus(error, "NotFound")) throw error;
      const all = await selectObjects(session, { args: [type], ...options });
      const alike = all.filter((info) => info.name.startsWith(name));
      if (alike.length === 0) failures.push(error);
      infos.push(...alike);
    }
  }
  return { infos, failures };
}

async function describeOne(session: Session, { resource, live }: Info, showEvents: boolean): Promise<string> {
  if (!live) return "";
  const [{ Layout }, { describers }, { describeEvents }] = await Promise.all([
    import("../describe/layout.js"),
    import("../describe/catalogue.js"),
    import("../describe/events.js"),
  ]);
  const layout = new Layout();
  const key = `${resource.kind}.${resource.group}`;
  const load = Object.hasOwn(describers, key) ? describers[key] : undefined;
  const describer = load ? await load() : (await import("../describe/generic.js")).describeGeneric;
  const api = await session.api();
  const nowMs = session.clock.now();
  await describer(layout, live, { api, nowMs });
  if (showEvents && !eventless.has(key)) await describeEvents(layout, live, api, nowMs);
  return layout.toString();
}

/** Kinds of which kubectl shows no events. */
const eventless = new Set([
  "Secret.",
  "Namespace.",
  "LimitRange.",
  "ResourceQuota.",
  "NetworkPolicy.networking.k8s.io",
  ...["Role", "ClusterRole", "RoleBinding", "ClusterRoleBinding"].map((kind) => `${kind}.rbac.authorization.k8s.io`),
]);
