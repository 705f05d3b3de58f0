import { sameJson } from "../../../apimachinery/patch/json.js";
import { createThreeWayPatch } from "../../../apimachinery/patch/strategic.js";
import type { Call } from "../../command.js";
import { dryRunFlag, dryRunOf, writeQuery } from "../../dry-run.js";
import { CliError } from "../../errors.js";
import { outputFlag, resultPrinter } from "../../printers/result.js";
import { allFlag, fileFlags, type Info, selectObjects, selectorFlags, settle } from "../../resources/select.js";
import { schemaOf } from "../../schemas.js";
import { type PodSpecView, podSpecOf, withPodSpec } from "../../workload.js";

export const changeFlags = { ...fileFlags, ...selectorFlags, ...allFlag, ...dryRunFlag, ...outputFlag };

/** Changes the pod spec of each object by the least patch; says so only where something changed. */
export async function changePodSpecs(
  { session, flags }: Call<typeof changeFlags>,
  args: readonly string[],
  done: string,
  change: (spec: PodSpecView, info: Info) => PodSpecView,
): Promise<number> {
  if (args.length === 0 && flags.filename.length === 0) {
    throw new CliError("one or more resources must be specified as <resource> <name> or <resource>/<name>");
  }
  const dryRun = dryRunOf(session, flags["dry-run"]);
  const report = await resultPrinter(session, flags.output, dryRun);
  const infos = await selectObjects(session, { args, flags, fetch: true });
  const api = await session.api();
  await settle(infos, async (info) => {
    const { resource, namespace, name, live } = info;
    if (!live || !podSpecOf(live)) {
      const kind = `*${resource.version}.${resource.kind}`;
      throw new CliError(`${resource.plural}/${name} the object is not a pod or does not have a pod template: ${kind}`);
    }
    const changed = withPodSpec(live, (spec) => change(spec, info));
    if (sameJson(changed, live) && flags.output === undefined) return;
    const schema = await schemaOf(resource);
    const body = createThreeWayPatch(schema, live, changed, live);
    const object =
      dryRun === "client"
        ? changed
        : await api.patch(resource, name, namespace, {
            type: schema ? "strategic" : "merge",
            body,
            query: writeQuery(dryRun, "kubectl-set"),
          });
    report(resource, object, done);
  });
  return 0;
}
