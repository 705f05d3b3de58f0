import { pods } from "../../api/core/pod/pod.js";
import { services } from "../../api/core/service.js";
import { applyJsonPatch } from "../../apimachinery/patch/json.js";
import { applyMergePatch } from "../../apimachinery/patch/merge.js";
import { applyStrategicPatch } from "../../apimachinery/patch/strategic.js";
import type { AnyObject } from "../api.js";
import { type Call, defineCommand } from "../command.js";
import type { Resource } from "../discovery/discovery.js";
import { dryRunFlag, dryRunOf, writeQuery } from "../dry-run.js";
import { CliError } from "../errors.js";
import { array, bool, duration, int, text } from "../flags.js";
import { withLastApplied } from "../last-applied.js";
import { outputFlag, resultPrinter } from "../printers/result.js";
import { attachToNew } from "./run/attach.js";

const flags = {
  ...dryRunFlag,
  ...outputFlag,
  image: text("Image to run."),
  "image-pull-policy": text("Always, IfNotPresent or Never."),
  env: array("NAME=value; may be repeated."),
  labels: text("key=value, several parted by commas.", { short: "l" }),
  annotations: array("key=value; may be repeated."),
  port: text("Port that the container serves."),
  expose: bool("Make a service for it too (needs --port)."),
  restart: text("Always, OnFailure or Never."),
  command: bool("What follows is the command, not its arguments."),
  overrides: text("JSON to change the object by before it is sent."),
  "override-type": text("merge (the default), strategic or json."),
  attach: bool("Join the container once it runs."),
  stdin: bool("Keep standard input open, and pass ours on.", { short: "i" }),
  tty: bool("Give the container a terminal.", { short: "t" }),
  "leave-stdin-open": bool("Standard input stays open after the first client has left."),
  rm: bool("Delete the pod at the end (with --attach or -i)."),
  quiet: bool("Only print what comes from the container.", { short: "q" }),
  privileged: bool("Run it privileged."),
  "save-config": bool("Record the object for a later apply."),
  "pod-running-timeout": duration("How long to wait until it runs."),
  "grace-period": int("Seconds of grace for --rm."),
  "field-manager": text("Name under which the server records the object."),
};
export type RunCall = Call<typeof flags>;

export const runCommand = defineCommand({
  name: "run",
  usage: 'NAME --image=image [--env="key=value"] [--port=port] -- [COMMAND] [args...]',
  summary: "Run one image in a pod.",
  examples: [
    "navctl run web --image=my-app:latest --port=80",
    "navctl run shell -it --rm --restart=Never --image=busybox -- sh",
    "navctl run job --image=busybox --restart=Never --command -- date",
  ],
  flags,
  run,
});

async function run(call: RunCall): Promise<number | undefined> {
  const { session, args, dashAt, flags: given } = call;
  const [name, ...rest] = args;
  if (given.image === undefined) throw new CliError('required flag(s) "image" not set');
  if (name === undefined || dashAt === 0) throw call.usageError("NAME is required for run");
  check(call);
  const dryRun = dryRunOf(session, given["dry-run"]);
  const attaching = given.attach || given.stdin || given.tty;
  if (given.rm && !attaching) throw call.usageError("--rm should only be used for attached containers");
  if (attaching && dryRun !== "none")
    throw call.usageError(
      "--dry-run=[server|client] can't be used with attached containers options (--attach, --stdin, or --tty)",
    );
  const report = await resultPrinter(session, given.output, dryRun);
  const namespace = await session.namespace();
  const place = dryRun === "client" && !session.namespaceEnforced ? {} : { namespace };
  const pod = overridden(podOf(name, rest, given, place), given);
  const api = await session.api();
  const query = writeQuery(dryRun, given["field-manager"] ?? "kubectl-run");
  const send = async (resource: Resource, object: AnyObject): Promise<AnyObject> => {
    const body = given["save-config"] ? withLastApplied(object) : object;
    return dryRun === "client" ? body : api.create(resource, body, namespace, query);
  };
  if (given.expose)
    report(
      services as unknown as Resource,
      await send(services as unknown as Resource, serviceOf(pod, given, place)),
      "created",
    );
  const made = await send(pods as unknown as Resource, pod);
  if (!attaching) {
    report(pods as unknown as Resource, made, "created");
    return 0;
  }
  return attachToNew(session, made, given);
}

function check({ flags: given, usageError }: RunCall): void {
  if (given.image === "") throw new CliError("--image is required");
  if (!/^[^\s]+$/.test(given.image ?? ""))
    throw new CliError(`Invalid image name ${JSON.stringify(given.image)}: invalid reference format`);
  if (given.tty && !given.stdin) throw usageError("-i/--stdin is required for containers with -t/--tty=true");
  if (given.expose && given.port === undefined) throw usageError("--port must be set when exposing a service");
  const { restart, "image-pull-policy": pull } = given;
  if (restart !== undefined && !["Always", "OnFailure", "Never"].includes(restart))
    throw usageError(`invalid restart policy: ${restart}`);
  if (pull && !["Always", "IfNotPresent", "Never"].includes(pull))
    throw usageError(`invalid image pull policy: ${pull}`);
  const type = given["override-type"];
  if (type !== undefined && !["json", "merge", "strategic"].includes(type))
    throw new CliError(`invalid override type: ${type}`);
}

function podOf(
  name: string,
  rest: readonly string[],
  given: RunCall["flags"],
  place: { namespace?: string },
): AnyObject {
  const attaching = given.attach || given.stdin;
  const container = {
    name,
    image: given.image,
    ...(given["image-pull-policy"] ? { imagePullPolicy: given["image-pull-policy"] } : {}),
    ...(rest.length === 0 ? {} : given.command ? { command: rest } : { args: rest }),
    ...(given.env.length > 0 ? { env: given.env.map(variableOf) } : {}),
    ...(given.port === undefined ? {} : { ports: [{ containerPort: portOf(given.port) }] }),
    ...(given.stdin ? { stdin: true, ...(given["leave-stdin-open"] || !attaching ? {} : { stdinOnce: true }) } : {}),
    ...(given.tty ? { tty: true } : {}),
    ...(given.privileged ? { securityContext: { privileged: true } } : {}),
    resources: {},
  };
  const annotations = pairsOf(given.annotations, "annotation");
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: {
      name,
      ...place,
      labels: given.labels === undefined ? { run: name } : pairsOf(given.labels.split(","), "label"),
      ...(Object.keys(annotations).length > 0 ? { annotations } : {}),
    },
    spec: { containers: [container], dnsPolicy: "ClusterFirst", restartPolicy: given.restart ?? "Always" },
    status: {},
  };
}

function overridden(pod: AnyObject, given: RunCall["flags"]): AnyObject {
  if (given.overrides === undefined) return pod;
  let patch: unknown;
  try {
    patch = JSON.parse(given.overrides);
  } catch {
    throw new CliError("Invalid JSON Patch");
  }
  const type = given["override-type"] ?? "merge";
  const changed =
    type === "json"
      ? applyJsonPatch(pod, patch)
      : type === "strategic"
        ? applyStrategicPatch(pods.schema, pod, patch as Readonly<Record<string, unknown>>)
        : applyMergePatch(pod, patch as Readonly<Record<string, unknown>>);
  return changed as AnyObject;
}

const serviceOf = ({ metadata }: AnyObject, given: RunCall["flags"], place: { namespace?: string }): AnyObject => ({
  apiVersion: "v1",
  kind: "Service",
  metadata: { name: metadata.name ?? "", ...place },
  spec: {
    ports: [{ port: portOf(given.port ?? ""), protocol: "TCP", targetPort: portOf(given.port ?? "") }],
    selector: metadata.labels ?? {},
  },
});

function portOf(written: string): number {
  const port = Number(written);
  if (!/^\d+$/.test(written) || port < 1 || port > 65_535)
    throw new CliError(`strconv.Atoi: parsing ${JSON.stringify(written)}: invalid syntax`);
  return port;
}

function variableOf(written: string): { readonly name: string; readonly value: string } {
  const equals = written.indexOf("=");
  if (equals < 1) throw new CliError(`invalid env: ${written}`);
  return { name: written.slice(0, equals), value: written.slice(equals + 1) };
}

function pairsOf(written: readonly string[], what: string): Readonly<Record<string, string>> {
  return Object.fromEntries(
    written.map((pair) => {
      const equals = pair.indexOf("=");
      if (equals < 1) throw new CliError(`unexpected ${what} spec: ${pair}`);
      return [pair.slice(0, equals), pair.slice(equals + 1)];
    }),
  );
}
