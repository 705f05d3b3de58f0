import { createWriteStream, mkdirSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { daemonSets } from "../../../api/apps/daemonset.js";
import { deployments } from "../../../api/apps/deployment.js";
import { replicaSets } from "../../../api/apps/replicaset.js";
import { events } from "../../../api/core/event.js";
import { namespaces as namespaceKind } from "../../../api/core/namespace.js";
import { nodes } from "../../../api/core/node/node.js";
import { pods } from "../../../api/core/pod/pod.js";
import { replicationControllers } from "../../../api/core/replication-controller.js";
import { services } from "../../../api/core/service.js";
import { objectPath } from "../../../client/rest.js";
import type { AnyObject } from "../../api.js";
import { type Call, defineCommand } from "../../command.js";
import { CliError } from "../../errors.js";
import { bool, list, text } from "../../flags.js";
import { createObjectPrinter } from "../../printers/output.js";
import { specOf } from "../../resources/pods.js";
import type { Session } from "../../session.js";

const flags = {
  "all-namespaces": bool("All namespaces.", { short: "A" }),
  namespaces: list("Namespaces to look at; kube-system and the current one unless said."),
  output: text("json (the default) or yaml.", { short: "o" }),
  "output-directory": text("Folder to write to; - is standard output."),
};

const kinds = [
  ["events", events],
  ["replication-controllers", replicationControllers],
  ["services", services],
  ["daemonsets", daemonSets],
  ["deployments", deployments],
  ["replicasets", replicaSets],
  ["pods", pods],
] as const;

const logMaxBytes = 10 * 1024 * 1024;

/** Everything that helps to look into problems: nodes, the workloads of some namespaces, their events and logs. */
export const dump = defineCommand({
  name: "dump",
  summary: "Print what helps to look into problems of the cluster.",
  examples: ["navctl cluster-info dump", "navctl cluster-info dump -A --output-directory=./dump"],
  flags,
  async run({ session, flags: given }: Call<typeof flags>) {
    const form = given.output ?? "json";
    if (form !== "json" && form !== "yaml") throw new CliError(`unsupported output format: ${form}`);
    const api = await session.api();
    const write = writerOf(session, given["output-directory"] ?? "-");
    const show = async (file: string, object: AnyObject): Promise<void> => {
      const printer = await createObjectPrinter({ type: form });
      await write(`${file}.${form}`, printer(object));
    };
    await show("nodes", (await api.list(nodes, undefined)) as unknown as AnyObject);
    for (const namespace of await chosen(session, given)) {
      for (const [file, kind] of kinds)
        await show(join(namespace, file), (await api.list(kind, namespace)) as unknown as AnyObject);
      for (const pod of (await api.list(pods, namespace)).items) await logsOf(session, pod, namespace, write);
    }
    return 0;
  },
});

async function chosen(session: Session, given: Call<typeof flags>["flags"]): Promise<readonly string[]> {
  if (given["all-namespaces"]) {
    const { items } = await (await session.api()).list(namespaceKind, undefined);
    return items.map(({ metadata }) => metadata.name ?? "");
  }
  return given.namespaces.length > 0 ? given.namespaces : [...new Set(["kube-system", await session.namespace()])];
}

type Write = (file: string, text: string) => Promise<void>;

function writerOf(session: Session, folder: string): Write {
  if (folder === "-") return async (_, written) => void session.io.stdout.write(written);
  const root = resolve(session.io.cwd, folder);
  return async (file, written) => {
    const path = join(root, file);
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    await new Promise<void>((done, reject) => {
      const out = createWriteStream(path, { flags: "a", mode: 0o600 });
      out.once("error", reject);
      out.end(written, done);
    });
  };
}

async function logsOf(session: Session, pod: AnyObject, namespace: string, write: Write): Promise<void> {
  const { name = "" } = pod.metadata;
  const { containers, initContainers = [] } = specOf(pod);
  for (const { name: container } of [...initContainers, ...containers]) {
    const file = join(namespace, name, "logs.txt");
    await write(file, `==== START logs for container ${container} of pod ${namespace}/${name} ====\n`);
    const path = objectPath(pods, { name, namespace }, "log");
    const query = { container, limitBytes: logMaxBytes };
    const found = await (await session.api())
      .text({ path, query, accept: "*/*" })
      .catch((error: unknown) => `Request log error: ${error instanceof Error ? error.message : error}\n`);
    await write(file, found === "" || found.endsWith("\n") ? found : `${found}\n`);
    await write(file, `==== END logs for container ${container} of pod ${namespace}/${name} ====\n`);
  }
}
