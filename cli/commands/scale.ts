import { objectPath } from "../../client/rest.js";
import type { AnyObject } from "../api.js";
import { nameIn } from "../api.js";
import { defineCommand } from "../command.js";
import { dryRunFlag, dryRunOf, writeQuery } from "../dry-run.js";
import { CliError } from "../errors.js";
import { duration, int, text } from "../flags.js";
import { outputFlag, resultPrinter } from "../printers/result.js";
import { allFlag, fileFlags, type Info, select, selectorFlags, settleSelected } from "../resources/select.js";
import type { Session } from "../session.js";
import { poll } from "../waiting.js";

interface Scale extends AnyObject {
  readonly spec?: { readonly replicas?: number };
  readonly status?: { readonly replicas?: number };
}

export const scale = defineCommand({
  name: "scale",
  usage: "(-f FILE | TYPE NAME) --replicas=COUNT",
  summary: "Set how many replicas a workload has.",
  examples: ["navctl scale deploy/web --replicas=3", "navctl scale rs web-1 --current-replicas=2 --replicas=5"],
  flags: {
    ...fileFlags,
    ...selectorFlags,
    ...allFlag,
    ...dryRunFlag,
    ...outputFlag,
    replicas: int("How many replicas there are to be."),
    "current-replicas": int("Only when there are as many now; -1 for any number."),
    "resource-version": text("Only when the object is in this version."),
    timeout: duration("Wait this long until there are as many; 0 does not wait."),
  },
  async run({ session, args, flags }) {
    const { replicas } = flags;
    if (replicas === undefined) throw new CliError('required flag(s) "replicas" not set');
    if (replicas < 0)
      throw new CliError("The --replicas=COUNT flag is required, and COUNT must be greater than or equal to 0");
    const dryRun = dryRunOf(session, flags["dry-run"]);
    const report = await resultPrinter(session, flags.output, dryRun);
    const selected = await select(session, { args, flags, fetch: false });
    if (selected.infos.length + selected.failures.length === 0) throw new CliError("no objects passed to scale");
    const api = await session.api();
    const current = flags["current-replicas"] ?? -1;
    await settleSelected(selected, async (info) => {
      const { resource, namespace, name } = info;
      const path = objectPath(resource, nameIn(resource, name, namespace), "scale");
      const now = await api.json<Scale>({ path });
      if (current >= 0 && now.spec?.replicas !== current) {
        throw new CliError(`Expected replicas to be ${current}, was ${now.spec?.replicas ?? 0}`);
      }
      const expected = flags["resource-version"];
      if (expected !== undefined && now.metadata.resourceVersion !== expected) {
        throw new CliError(`Expected resource version to be ${expected}, was ${now.metadata.resourceVersion}`);
      }
      if (dryRun !== "client") {
        const guarded = current >= 0 || expected !== undefined;
        const metadata = guarded ? { metadata: { resourceVersion: now.metadata.resourceVersion } } : {};
        await api.json({
          method: "PATCH",
          path,
          body: { ...metadata, spec: { replicas } },
          contentType: "application/merge-patch+json",
          query: writeQuery(dryRun, "kubectl-scale"),
        });
      }
      report(resource, { ...now, kind: resource.kind }, "scaled");
      if (flags.timeout && dryRun === "none") await reached(session, info, path, replicas, flags.timeout);
    });
    return 0;
  },
});

async function reached(
  session: Session,
  { resource, name }: Info,
  path: string,
  replicas: number,
  timeoutMs: number,
): Promise<void> {
  const api = await session.api();
  const done = await poll(session, timeoutMs, async () => {
    const { status } = await api.json<Scale>({ path });
    return (status?.replicas ?? 0) === replicas ? true : undefined;
  });
  if (!done) throw new CliError(`timed out waiting for ${resource.plural} ${JSON.stringify(name)} to be synced`);
}
