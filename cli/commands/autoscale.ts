import { horizontalPodAutoscalers } from "../../api/autoscaling/horizontal-pod-autoscaler.js";
import { apiVersionOf } from "../../apimachinery/resource.js";
import type { AnyObject } from "../api.js";
import { defineCommand } from "../command.js";
import type { Resource } from "../discovery/discovery.js";
import { dryRunFlag, dryRunOf, writeQuery } from "../dry-run.js";
import { CliError } from "../errors.js";
import { bool, int, text } from "../flags.js";
import { withLastApplied } from "../last-applied.js";
import { outputFlag, resultPrinter } from "../printers/result.js";
import { fileFlags, selectObjects } from "../resources/select.js";

/** Makes an autoscaler for what can be scaled. */
export const autoscale = defineCommand({
  name: "autoscale",
  usage: "(-f FILENAME | TYPE NAME | TYPE/NAME) [--min=MINPODS] --max=MAXPODS [--cpu-percent=CPU]",
  summary: "Let the number of replicas follow the load.",
  examples: ["navctl autoscale deployment web --min=2 --max=10 --cpu-percent=80"],
  flags: {
    ...fileFlags,
    ...dryRunFlag,
    ...outputFlag,
    min: int("Fewest replicas."),
    max: int("Most replicas."),
    "cpu-percent": int("Share of the requested CPU to aim at."),
    name: text("Name of the autoscaler."),
    "save-config": bool("Record the object for a later apply."),
    "field-manager": text("Name under which the server records the object."),
  },
  async run({ session, args, flags }) {
    const { max, min = -1, "cpu-percent": cpu = -1 } = flags;
    if (max === undefined) throw new CliError('required flag(s) "max" not set');
    if (max < 1) throw new CliError(`--max=MAXPODS is required and must be at least 1, max: ${max}`);
    if (max < min)
      throw new CliError(`--max=MAXPODS must be larger or equal to --min=MINPODS, max: ${max}, min: ${min}`);
    const dryRun = dryRunOf(session, flags["dry-run"]);
    const report = await resultPrinter(session, flags.output, dryRun);
    const api = await session.api();
    for (const { resource, namespace, name } of await selectObjects(session, { args, flags, fetch: true })) {
      if (!resource.subresources.includes("scale"))
        throw new CliError(
          `cannot autoscale a ${resource.kind}: could not find scale subresource for ${resource.group}/${resource.version}, Resource=${resource.plural} in discovery information`,
        );
      const place = dryRun === "client" && !session.namespaceEnforced ? {} : { namespace };
      const object = {
        apiVersion: apiVersionOf(horizontalPodAutoscalers),
        kind: horizontalPodAutoscalers.kind,
        metadata: { name: flags.name ?? name, ...place },
        spec: {
          maxReplicas: max,
          ...(min > 0 ? { minReplicas: min } : {}),
          scaleTargetRef: { apiVersion: apiVersionOf(resource), kind: resource.kind, name },
          ...(cpu < 0
            ? {}
            : {
                metrics: [
                  {
                    type: "Resource",
                    resource: { name: "cpu", target: { type: "Utilization", averageUtilization: cpu } },
                  },
                ],
              }),
        },
      } as AnyObject;
      const body = flags["save-config"] ? withLastApplied(object) : object;
      const query = writeQuery(dryRun, flags["field-manager"] ?? "kubectl-autoscale");
      const made = dryRun === "client" ? body : await api.create(horizontalPodAutoscalers, body, namespace, query);
      report(horizontalPodAutoscalers as unknown as Resource, made, "autoscaled");
    }
    return 0;
  },
});
