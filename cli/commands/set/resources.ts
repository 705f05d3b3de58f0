import { isQuantity } from "../../../apimachinery/quantity.js";
import { type Call, defineCommand } from "../../command.js";
import { CliError } from "../../errors.js";
import { list, text } from "../../flags.js";
import type { ContainerView, PodSpecView } from "../../workload.js";
import { changeFlags, changePodSpecs } from "./change.js";
import { containerMatcher } from "./env.js";

const flags = {
  ...changeFlags,
  containers: text("Containers to change; * stands for any text.", { short: "c" }),
  limits: list("The most that containers may take: cpu=200m,memory=512Mi; 0 takes a limit away."),
  requests: list("What containers ask for: cpu=100m,memory=256Mi; 0 takes a request away."),
};

type Amounts = Readonly<Record<string, string>>;

export const setResources = defineCommand({
  name: "resources",
  usage: "(-f FILE | TYPE NAME) [--limits=LIMITS] [--requests=REQUESTS]",
  summary: "Change what containers ask for and may take.",
  examples: ["navctl set resources deployment/web --limits=cpu=200m,memory=512Mi"],
  flags,
  async run(call: Call<typeof flags>) {
    const { flags: given } = call;
    if (given.limits.length + given.requests.length === 0) {
      throw new CliError("you must specify an update to requests or limits (in the form of --requests/--limits)");
    }
    const changes = { limits: amountsOf(given.limits), requests: amountsOf(given.requests) };
    return changePodSpecs(call, call.args, "resource requirements updated", (spec) =>
      withResources(spec, given.containers ?? "*", changes),
    );
  },
});

interface ResourceChanges {
  readonly limits: Amounts;
  readonly requests: Amounts;
}

export function withResources(spec: PodSpecView, pattern: string, changes: ResourceChanges): PodSpecView {
  const matches = containerMatcher(pattern);
  const all = [...(spec.initContainers ?? []), ...spec.containers];
  if (!all.some(({ name }) => matches(name))) throw new CliError(`unable to find container named ${pattern}`);
  const change = (container: ContainerView): ContainerView =>
    matches(container.name) ? changed(container, changes) : container;
  return {
    ...spec,
    containers: spec.containers.map(change),
    ...(spec.initContainers ? { initContainers: spec.initContainers.map(change) } : {}),
  };
}

function changed(container: ContainerView, { limits, requests }: ResourceChanges): ContainerView {
  const before = (container.resources ?? {}) as { readonly limits?: Amounts; readonly requests?: Amounts };
  const merged = { limits: merge(before.limits, limits), requests: merge(before.requests, requests) };
  const present = Object.entries(merged).filter(([, amounts]) => amounts && Object.keys(amounts).length > 0);
  return {
    ...container,
    resources: { ...before, limits: undefined, requests: undefined, ...Object.fromEntries(present) },
  };
}

/** An amount of nothing is no amount. */
function merge(before: Amounts | undefined, after: Amounts): Amounts {
  return Object.fromEntries(Object.entries({ ...before, ...after }).filter(([, amount]) => amount !== "0"));
}

function amountsOf(written: readonly string[]): Amounts {
  return Object.fromEntries(
    written.map((one) => {
      const [name = "", amount = "", ...more] = one.split("=");
      if (name === "" || amount === "" || more.length > 0) {
        throw new CliError(`Invalid argument syntax ${one}, expected <resource>=<value>`);
      }
      if (!isQuantity(amount)) {
        throw new CliError(
          "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'",
        );
      }
      return [name, amount];
    }),
  );
}
