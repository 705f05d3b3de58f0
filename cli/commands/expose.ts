import { services } from "../../api/core/service.js";
import { applyMergePatch } from "../../apimachinery/patch/merge.js";
import type { AnyObject } from "../api.js";
import { type Call, defineCommand } from "../command.js";
import type { Resource } from "../discovery/discovery.js";
import { dryRunFlag, dryRunOf, writeQuery } from "../dry-run.js";
import { CliError } from "../errors.js";
import { bool, text } from "../flags.js";
import { withLastApplied } from "../last-applied.js";
import { outputFlag, resultPrinter } from "../printers/result.js";
import { fileFlags, type Info, selectObjects, selectorFlags } from "../resources/select.js";
import { podSpecOf } from "../workload.js";

const flags = {
  ...fileFlags,
  "field-selector": selectorFlags["field-selector"],
  ...dryRunFlag,
  ...outputFlag,
  port: text("Port of the service; that of the container unless said."),
  "target-port": text("Port, or its name, of the container."),
  protocol: text("TCP, UDP or SCTP."),
  type: text("ClusterIP, NodePort, LoadBalancer or ExternalName."),
  name: text("Name of the service."),
  selector: text("Labels of the pods to take instead (key=value)."),
  labels: text("Labels of the service (key=value).", { short: "l" }),
  "external-ip": text("Another address at which it is to be reached."),
  "load-balancer-ip": text("Address to ask the load balancer for."),
  "cluster-ip": text("Address to take; None for a headless service."),
  "session-affinity": text("None or ClientIP."),
  overrides: text("JSON to change the service by before it is sent."),
  "save-config": bool("Record the object for a later apply."),
  "field-manager": text("Name under which the server records the object."),
};

export const expose = defineCommand({
  name: "expose",
  usage: "(-f FILENAME | TYPE NAME) [--port=port] [--target-port=number-or-name] [--name=name] [--type=type]",
  summary: "Make a service for a pod, service, deployment, replica set or replication controller.",
  examples: [
    "navctl expose deployment web --port=80 --target-port=8080",
    "navctl expose pod web-0 --port=80 --name=front",
  ],
  flags,
  run,
});

async function run({ session, args, flags: given }: Call<typeof flags>): Promise<number> {
  const dryRun = dryRunOf(session, given["dry-run"]);
  const report = await resultPrinter(session, given.output, dryRun);
  const { selector: _, ...choosing } = given;
  const infos = await selectObjects(session, { args, flags: choosing, fetch: true });
  const api = await session.api();
  for (const info of infos) {
    const drawn = serviceFor(info, given);
    const patched =
      given.overrides === undefined ? drawn : (applyMergePatch(drawn, overridesOf(given.overrides)) as AnyObject);
    const place = dryRun === "client" && !session.namespaceEnforced ? {} : { namespace: info.namespace };
    const named = { ...patched, metadata: { ...patched.metadata, ...place } } as AnyObject;
    const body = given["save-config"] ? withLastApplied(named) : named;
    const query = writeQuery(dryRun, given["field-manager"] ?? "kubectl-expose");
    const made = dryRun === "client" ? body : await api.create(services, body, info.namespace, query);
    report(services as unknown as Resource, made, "exposed");
  }
  return 0;
}

function overridesOf(written: string): Readonly<Record<string, unknown>> {
  try {
    return JSON.parse(written) as Readonly<Record<string, unknown>>;
  } catch {
    throw new CliError("Invalid JSON Patch");
  }
}

const exposable = new Set([
  "Pod.",
  "Service.",
  "ReplicationController.",
  "Deployment.apps",
  "ReplicaSet.apps",
  "Deployment.extensions",
]);

interface Port {
  readonly name?: string;
  readonly port: number;
  readonly protocol?: string;
  readonly targetPort?: number | string;
}

function serviceFor({ resource, name, live }: Info, given: Call<typeof flags>["flags"]): AnyObject {
  if (!exposable.has(`${resource.kind}.${resource.group}`)) throw new CliError(`cannot expose a ${resource.kind}`);
  if (!live) throw new CliError(`${resource.plural}/${name} is not there`);
  const selector = given.selector ? labelsOf(given.selector) : selectorOf(resource.kind, live);
  const ports = portsOf(live, given);
  return {
    apiVersion: "v1",
    kind: "Service",
    metadata: {
      name: given.name ?? name,
      labels: given.labels === undefined ? (live.metadata.labels ?? {}) : labelsOf(given.labels),
    },
    spec: {
      ports,
      selector,
      ...(given.type === undefined ? {} : { type: given.type }),
      ...(given["external-ip"] ? { externalIPs: [given["external-ip"]] } : {}),
      ...(given["load-balancer-ip"] ? { loadBalancerIP: given["load-balancer-ip"] } : {}),
      ...(given["cluster-ip"] ? { clusterIP: given["cluster-ip"] } : {}),
      ...(given["session-affinity"] ? { sessionAffinity: given["session-affinity"] } : {}),
    },
    status: { loadBalancer: {} },
  };
}

function selectorOf(kind: string, live: AnyObject): Readonly<Record<string, string>> {
  const spec = (live.spec ?? {}) as { readonly selector?: Readonly<Record<string, unknown>> };
  if (kind === "Pod") {
    const { labels } = live.metadata;
    if (!labels || Object.keys(labels).length === 0)
      throw new CliError(
        "couldn't retrieve selectors via --selector flag or introspection: the pod has no labels and cannot be exposed",
      );
    return labels;
  }
  const { selector } = spec;
  const plain = kind === "Service" || kind === "ReplicationController" ? selector : selector?.matchLabels;
  if (selector?.matchExpressions)
    throw new CliError(
      "couldn't retrieve selectors via --selector flag or introspection: couldn't convert expressions - \"[]\" to map-based selector format",
    );
  if (!plain || Object.keys(plain).length === 0)
    throw new CliError(
      "couldn't retrieve selectors via --selector flag or introspection: invalid deployment: no selectors, therefore cannot be exposed",
    );
  return plain as Readonly<Record<string, string>>;
}

/** What was asked for, else every port that the containers or the service have. */
function portsOf(live: AnyObject, given: Call<typeof flags>["flags"]): readonly Port[] {
  const found: Port[] =
    live.kind === "Service"
      ? ((live.spec as { readonly ports?: readonly Port[] }).ports ?? []).map(({ port, protocol }) => ({
          port,
          ...(protocol ? { protocol } : {}),
        }))
      : (podSpecOf(live)?.containers ?? []).flatMap(({ ports }) =>
          ((ports ?? []) as readonly { readonly containerPort: number; readonly protocol?: string }[]).map(
            ({ containerPort, protocol }) => ({ port: containerPort, ...(protocol ? { protocol } : {}) }),
          ),
        );
  const asked = given.port?.split(",").map((written) => ({ port: numberOf(written) }));
  const wanted = asked ?? found;
  if (wanted.length === 0)
    throw new CliError(
      "couldn't find port via --port flag or introspection\nSee 'navctl expose -h' for help and examples",
      { bare: true },
    );
  const target = given["target-port"];
  return wanted.map((one, index) => {
    const protocol = given.protocol ?? found.find(({ port }) => port === one.port)?.protocol ?? "TCP";
    return {
      ...(wanted.length > 1 ? { name: `port-${index + 1}` } : {}),
      port: one.port,
      protocol,
      targetPort: target === undefined ? one.port : /^\d+$/.test(target) ? Number(target) : target,
    };
  });
}

function numberOf(written: string): number {
  if (!/^\d+$/.test(written)) throw new CliError(`strconv.Atoi: parsing ${JSON.stringify(written)}: invalid syntax`);
  return Number(written);
}

const labelsOf = (written: string): Readonly<Record<string, string>> =>
  Object.fromEntries(
    written.split(",").map((pair) => {
      const [, key, value] = /^([^=\s]+)=([^=\s]*)$/.exec(pair.trim()) ?? [];
      if (key === undefined || value === undefined) throw new CliError(`unexpected label spec: ${pair}`);
      return [key, value];
    }),
  );
