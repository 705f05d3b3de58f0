import { selfSubjectReviews } from "../../api/authentication/self-subject-review.js";
import { selfSubjectAccessReviews } from "../../api/authorization/self-subject-access-review.js";
import { selfSubjectRulesReviews } from "../../api/authorization/self-subject-rules-review.js";
import { apiVersionOf, type ResourceRef } from "../../apimachinery/resource.js";
import type { AnyObject } from "../api.js";
import { type Call, type Command, defineCommand } from "../command.js";
import { CliError, ExitError } from "../errors.js";
import { bool, text } from "../flags.js";
import { createObjectPrinter, parseOutput } from "../printers/output.js";
import { alignTabs, tableTabs } from "../printers/tab-writer.js";
import { allNamespacesFlag } from "../resources/select.js";
import type { Session } from "../session.js";
import { reconcile } from "./auth-reconcile.js";

const canIFlags = {
  ...allNamespacesFlag,
  list: bool("List what one may do in the namespace."),
  "no-headers": bool("Leave out the headers."),
  quiet: bool("Say it by the exit code alone.", { short: "q" }),
  subresource: text("Subresource, for example log."),
};

const canI = defineCommand({
  name: "can-i",
  usage: "VERB [TYPE | TYPE/NAME | NONRESOURCEURL]",
  summary: "Ask whether one may do something: yes or no, exit code 0 or 1.",
  examples: ["navctl auth can-i create pods", "navctl auth can-i '*' '*'", "navctl auth can-i --list"],
  flags: canIFlags,
  run: runCanI,
});

const whoami = defineCommand({
  name: "whoami",
  summary: "Show as whom the server sees us.",
  flags: { output: text("json, yaml, jsonpath=...", { short: "o" }) },
  async run({ session, flags }) {
    const review = await ask(session, selfSubjectReviews, undefined);
    const format = await parseOutput(flags.output, session.io.cwd, false);
    if (format.type !== "default" && format.type !== "wide") {
      session.io.stdout.write((await createObjectPrinter(format))(review));
      return 0;
    }
    const { userInfo = {} } = (review.status ?? {}) as { readonly userInfo?: UserInfo };
    const rows = [
      ["ATTRIBUTE", "VALUE"],
      ...(userInfo.username ? [["Username", userInfo.username]] : []),
      ...(userInfo.uid ? [["UID", userInfo.uid]] : []),
      ...(userInfo.groups?.length ? [["Groups", `[${userInfo.groups.join(" ")}]`]] : []),
      ...Object.entries(userInfo.extra ?? {})
        .sort()
        .map(([key, values]) => [`Extra: ${key}`, `[${values.join(" ")}]`]),
    ];
    session.io.stdout.write(alignTabs(rows.map((cells) => `${cells.join("\t")}\n`).join(""), tableTabs));
    return 0;
  },
});

export const auth: Command = {
  name: "auth",
  summary: "Ask who one is and what one may do.",
  flags: {},
  subcommands: [canI, reconcile, whoami],
};

interface UserInfo {
  readonly username?: string;
  readonly uid?: string;
  readonly groups?: readonly string[];
  readonly extra?: Readonly<Record<string, readonly string[]>>;
}
interface AccessStatus {
  readonly allowed?: boolean;
  readonly reason?: string;
  readonly evaluationError?: string;
}

const ask = async (session: Session, target: ResourceRef, spec: object | undefined): Promise<AnyObject> =>
  (await session.api()).create(
    target,
    { apiVersion: apiVersionOf(target), kind: target.kind, metadata: {}, ...(spec ? { spec } : {}) },
    undefined,
  );

const knownVerbs: ReadonlySet<string> = new Set([
  ...["get", "list", "watch", "create", "update", "patch", "delete", "deletecollection"],
  ...["use", "bind", "impersonate", "escalate", "approve", "sign", "attest", "*"],
]);

async function runCanI({ session, args, flags }: Call<typeof canIFlags>): Promise<number | undefined> {
  if (flags.list && args.length > 0) throw new CliError("list option must be specified with no arguments");
  if (flags.list) return listRules(session, flags["no-headers"]);
  const [verb, what] = args;
  if (verb === undefined || what === undefined || args.length > 2) {
    throw new CliError(
      "you must specify two arguments: verb resource or verb resource/resourceName.\nSee 'navctl auth can-i -h' for help and examples.",
    );
  }
  if (what.startsWith("/") && flags.subresource)
    throw new CliError("--subresource can not be used with NonResourceURL");
  if (!what.startsWith("/") && !knownVerbs.has(verb)) session.note(`Warning: verb '${verb}' is not a known verb\n`);
  const namespace = flags["all-namespaces"] ? "" : await session.namespace();
  const spec = what.startsWith("/")
    ? { nonResourceAttributes: { verb, path: what } }
    : { resourceAttributes: await attributes(session, verb, what, namespace, flags.subresource) };
  const {
    allowed = false,
    reason,
    evaluationError,
  } = ((await ask(session, selfSubjectAccessReviews, spec)).status ?? {}) as AccessStatus;
  if (!flags.quiet) {
    const why = `${reason ? ` - ${reason}` : ""}${evaluationError ? ` - ${evaluationError}` : ""}`;
    session.print(allowed ? "yes" : `no${why}`);
  }
  if (!allowed) throw new ExitError(1);
  return 0;
}

async function attributes(
  session: Session,
  verb: string,
  what: string,
  namespace: string,
  subresource: string | undefined,
): Promise<object> {
  const [type = "", name] = what.split("/", 2);
  const common = { verb, ...(subresource ? { subresource } : {}), ...(name ? { name } : {}) };
  if (type === "*") return { ...common, namespace, resource: "*", group: "*" };
  const found = await (await session.discovery()).resolve(type).catch((error: unknown) => {
    if (!(error instanceof CliError)) throw error;
    const [plural = "", ...group] = type.split(".");
    const place = group.length === 0 ? "" : ` in group '${group.join(".")}'`;
    session.note(`Warning: the server doesn't have a resource type '${plural}'${place}\n`);
    return undefined;
  });
  if (!found) {
    const [resource = "", ...group] = type.split(".");
    return { ...common, namespace, resource, group: group.join(".") };
  }
  const scope = found.group === "" ? "" : ` in group '${found.group}'`;
  if (found.scope === "Cluster") session.note(`Warning: resource '${found.plural}' is not namespace scoped${scope}\n`);
  return {
    ...common,
    ...(found.scope === "Namespaced" ? { namespace } : {}),
    resource: found.plural,
    group: found.group,
  };
}

interface RulesStatus {
  readonly resourceRules?: readonly {
    readonly verbs?: readonly string[];
    readonly apiGroups?: readonly string[];
    readonly resources?: readonly string[];
    readonly resourceNames?: readonly string[];
  }[];
  readonly nonResourceRules?: readonly {
    readonly verbs?: readonly string[];
    readonly nonResourceURLs?: readonly string[];
  }[];
  readonly incomplete?: boolean;
  readonly evaluationError?: string;
}

async function listRules(session: Session, noHeaders: boolean): Promise<number> {
  const review = await ask(session, selfSubjectRulesReviews, { namespace: await session.namespace() });
  const status = (review.status ?? {}) as RulesStatus;
  if (status.incomplete) session.note(`warning: the list may be incomplete: ${status.evaluationError ?? ""}`);
  const show = (values: readonly string[] = []): string => `[${values.join(" ")}]`;
  // Ordered by what kubectl orders by: verbs first.
  const ruled = [
    ...(status.resourceRules ?? []).flatMap(({ apiGroups = [""], resources = [], resourceNames, verbs }) =>
      resources.flatMap((resource) =>
        apiGroups.map((group) => ({
          key: `${show(verbs)} ${show([group])} ${show([resource])} ${show(resourceNames)}`,
          cells: [group === "" ? resource : `${resource}.${group}`, "[]", show(resourceNames), show(verbs)],
        })),
      ),
    ),
    ...(status.nonResourceRules ?? []).flatMap(({ nonResourceURLs = [], verbs }) =>
      nonResourceURLs.map((url) => ({
        key: `${show(verbs)} [] [] [] ${show([url])}`,
        cells: ["", show([url]), "[]", show(verbs)],
      })),
    ),
  ];
  const rows = ruled.toSorted((a, b) => (a.key < b.key ? -1 : 1)).map(({ cells }) => cells);
  const lines = noHeaders ? rows : [["Resources", "Non-Resource URLs", "Resource Names", "Verbs"], ...rows];
  // Several roles may say the same.
  const distinct = new Set(lines.map((cells) => `${cells.join("\t")}\n`));
  session.io.stdout.write(alignTabs([...distinct].join(""), tableTabs));
  return 0;
}
