import { bytesOf, cpuMilli } from "../../apimachinery/quantity.js";
import type { AnyList } from "../api.js";
import { type Command, defineCommand } from "../command.js";
import { CliError, isStatus } from "../errors.js";
import { bool, text } from "../flags.js";
import { alignTabs, tableTabs } from "../printers/tab-writer.js";
import { allNamespacesFlag, selectorFlags } from "../resources/select.js";
import type { Session } from "../session.js";

const group = "/apis/metrics.k8s.io/v1beta1";
const bytesPerMi = 1024 * 1024;

interface Usage {
  readonly milli: number;
  readonly bytes: number;
}
type Amounts = Readonly<Record<string, string>>;
interface Measured {
  readonly metadata: { readonly name: string; readonly namespace?: string };
  readonly usage?: Amounts;
  readonly containers?: readonly { readonly name: string; readonly usage: Amounts }[];
}

const commonFlags = {
  selector: selectorFlags.selector,
  "sort-by": text("cpu or memory; by name unless said."),
  "no-headers": bool("Leave out the headers."),
  "use-protocol-buffers": bool("Accepted; nothing changes.", { hidden: true }),
};

const node = defineCommand({
  name: "node",
  aliases: ["nodes", "no"],
  usage: "[NAME | -l label]",
  summary: "Show what nodes use.",
  flags: { ...commonFlags, "show-capacity": bool("Shares of the capacity, not of what pods may use.") },
  async run({ session, args, flags }) {
    check(flags["sort-by"]);
    const [name, ...more] = args;
    if (more.length > 0) throw new CliError(`expected no more than one node, saw ${args.length}`);
    const items = await measured(session, `${group}/nodes`, name, flags.selector);
    if (items.length === 0) throw new CliError("metrics not available yet");
    const { items: nodes } = await (await session.api()).json<AnyList>({ path: "/api/v1/nodes" });
    const rows = sorted(
      items.map((item) => ({ item, usage: usageOf([item.usage ?? {}]) })),
      flags["sort-by"],
    ).map(({ item, usage }) => {
      const status = nodes.find(({ metadata }) => metadata.name === item.metadata.name)?.status as
        | { readonly capacity?: Amounts; readonly allocatable?: Amounts }
        | undefined;
      const whole = usageOf([(flags["show-capacity"] ? status?.capacity : status?.allocatable) ?? {}]);
      return [
        item.metadata.name,
        `${usage.milli}m`,
        share(usage.milli, whole.milli),
        mi(usage),
        share(usage.bytes, whole.bytes),
      ];
    });
    print(session, flags["no-headers"], ["NAME", "CPU(cores)", "CPU(%)", "MEMORY(bytes)", "MEMORY(%)"], rows);
    return 0;
  },
});

const pod = defineCommand({
  name: "pod",
  aliases: ["pods", "po"],
  usage: "[NAME | -l label]",
  summary: "Show what pods use.",
  flags: {
    ...commonFlags,
    ...allNamespacesFlag,
    "field-selector": selectorFlags["field-selector"],
    containers: bool("Show each container."),
    sum: bool("Add all up."),
  },
  async run({ session, args, flags }) {
    check(flags["sort-by"]);
    const [name] = args;
    if (args.length > 1) throw new CliError(`expected no more than one pod, saw ${args.length}`);
    if (name !== undefined && flags.selector) throw new CliError("only one of NAME or selector can be provided");
    const everywhere = flags["all-namespaces"];
    const namespace = await session.namespace();
    const path = everywhere ? `${group}/pods` : `${group}/namespaces/${namespace}/pods`;
    const items = await measured(session, path, name, flags.selector, flags["field-selector"]);
    if (items.length === 0) {
      session.note(everywhere ? "No resources found" : `No resources found in ${namespace} namespace.`);
      return 0;
    }
    const withUsage = items.map((item) => ({ item, usage: usageOf((item.containers ?? []).map((one) => one.usage)) }));
    const place = (item: Measured): string[] => (everywhere ? [item.metadata.namespace ?? ""] : []);
    const rows = sorted(withUsage, flags["sort-by"]).flatMap(({ item, usage }) =>
      flags.containers
        ? (item.containers ?? []).map((one) => {
            const own = usageOf([one.usage]);
            return [...place(item), item.metadata.name, one.name, `${own.milli}m`, mi(own)];
          })
        : [[...place(item), item.metadata.name, `${usage.milli}m`, mi(usage)]],
    );
    const names = flags.containers ? ["POD", "NAME"] : ["NAME"];
    const header = [...(everywhere ? ["NAMESPACE"] : []), ...names, "CPU(cores)", "MEMORY(bytes)"];
    if (flags.sum) {
      const blank = header.slice(2).map(() => "");
      const total = withUsage.reduce(
        (sum, { usage }) => ({ milli: sum.milli + usage.milli, bytes: sum.bytes + usage.bytes }),
        { milli: 0, bytes: 0 },
      );
      rows.push([...blank, "________", "________"], [...blank, `${total.milli}m`, mi(total)]);
    }
    print(session, flags["no-headers"], header, rows);
    return 0;
  },
});

export const top: Command = {
  name: "top",
  summary: "Show what nodes and pods use.",
  flags: {},
  subcommands: [node, pod],
};

function check(sortBy: string | undefined): void {
  if (sortBy !== undefined && sortBy !== "" && sortBy !== "cpu" && sortBy !== "memory")
    throw new CliError("--sort-by accepts only cpu or memory");
}

async function measured(
  session: Session,
  path: string,
  name: string | undefined,
  labelSelector: string | undefined,
  fieldSelector?: string,
): Promise<readonly Measured[]> {
  const api = await session.api();
  try {
    if (name !== undefined) return [await api.json<Measured>({ path: `${path}/${encodeURIComponent(name)}` })];
    const { items } = await api.json<{ readonly items?: readonly Measured[] }>({
      path,
      query: { labelSelector, fieldSelector },
    });
    return items ?? [];
  } catch (error) {
    const unknown = isStatus(error, "NotFound") && name === undefined;
    if (unknown || isStatus(error, "ServiceUnavailable")) throw new CliError("Metrics API not available");
    throw error;
  }
}

const usageOf = (all: readonly Amounts[]): Usage => ({
  milli: all.reduce((sum, { cpu = "0" }) => sum + cpuMilli(cpu), 0),
  bytes: all.reduce((sum, { memory = "0" }) => sum + bytesOf(memory), 0),
});

const mi = ({ bytes }: Usage): string => `${Math.floor(bytes / bytesPerMi)}Mi`;
const share = (part: number, whole: number): string =>
  whole === 0 ? "<unknown>" : `${Math.floor((part * 100) / whole)}%`;

interface Row {
  readonly item: Measured;
  readonly usage: Usage;
}

function sorted(rows: readonly Row[], by: string | undefined): readonly Row[] {
  const key = ({ item }: Row): string => `${item.metadata.namespace ?? ""}/${item.metadata.name}`;
  return rows.toSorted((a, b) => {
    if (by === "cpu") return b.usage.milli - a.usage.milli;
    if (by === "memory") return b.usage.bytes - a.usage.bytes;
    return key(a) < key(b) ? -1 : 1;
  });
}

function print(
  session: Session,
  noHeaders: boolean,
  header: readonly string[],
  rows: readonly (readonly string[])[],
): void {
  const lines = (noHeaders ? rows : [header, ...rows]).map((cells) => `${cells.join("\t")}\n`);
  session.io.stdout.write(alignTabs(lines.join(""), tableTabs));
}
