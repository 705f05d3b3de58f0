import { nodes } from "../../api/core/node/node.js";
import { pods } from "../../api/core/pod/pod.js";
import type { AnyObject, Api } from "../api.js";
import { type Call, defineCommand } from "../command.js";
import { CliError } from "../errors.js";
import { array, bool, list, text } from "../flags.js";
import { parseResourceArguments } from "../resources/arguments.js";
import { specOf } from "../resources/pods.js";
import type { Session } from "../session.js";
import type { ContainerView } from "../workload.js";

const flags = {
  image: text("Image of the debugging container."),
  container: text("Its name.", { short: "c" }),
  target: text("Container whose processes it is to see."),
  "copy-to": text("Make a copy of the pod under this name instead of changing the pod."),
  "same-node": bool("The copy goes to the node of the pod."),
  "share-processes": bool("The copy's containers see each other's processes.", { initial: true }),
  "set-image": list("In the copy: CONTAINER=IMAGE; * stands for all."),
  replace: bool("Delete the pod that is copied."),
  env: array("NAME=value; may be repeated."),
  "image-pull-policy": text("Always, IfNotPresent or Never."),
  profile: text("general (the default) or legacy."),
  stdin: bool("Keep standard input open, and pass ours on.", { short: "i" }),
  tty: bool("Give the container a terminal.", { short: "t" }),
  attach: bool("Join the container once it runs."),
  quiet: bool("Only print what comes from the container.", { short: "q" }),
};
type DebugCall = Call<typeof flags>;

/** A further container in a running pod, a copy of a pod that can be looked into, or a pod on a node. */
export const debug = defineCommand({
  name: "debug",
  usage: "(POD | TYPE/NAME) [--image=image] [-- COMMAND [args...]]",
  summary: "Look into a pod or a node by a container with tools.",
  examples: [
    "navctl debug web-0 -it --image=busybox --target=main",
    "navctl debug web-0 -it --copy-to=web-debug --set-image=*=busybox -- sh",
    "navctl debug node/node-1 -it --image=busybox",
  ],
  flags,
  async run(call: DebugCall) {
    const { session, args, dashAt, flags: given } = call;
    const operands = dashAt === undefined ? args : args.slice(0, dashAt);
    const [target] = operands;
    if (given["copy-to"] === undefined) checkWithoutCopy(given);
    if (target === undefined) throw call.usageError("NAME or TYPE/NAME is required for debug");
    if (operands.length > 1) throw call.usageError(`unexpected arguments: [${operands.slice(1).join(" ")}]`);
    if (given.tty && !given.stdin) throw new CliError("-i/--stdin is required for containers with -t/--tty=true");
    if (given.profile !== undefined && given.profile !== "general" && given.profile !== "legacy")
      throw new CliError(`unknown profile: ${given.profile}: navctl knows general and legacy`);
    const made = await makeDebugger(call, target, dashAt === undefined ? [] : args.slice(dashAt));
    if (!(call.given.has("attach") ? given.attach : given.stdin)) return 0;
    const { joinContainer } = await import("./debug/join.js");
    return joinContainer(session, made.pod, made.container, given);
  },
});

function checkWithoutCopy(given: DebugCall["flags"]): void {
  if (given["set-image"].length > 0) throw new CliError("--set-image may only be used with --copy-to.");
  if (!given.image) throw new CliError("you must specify --image when not using --copy-to.");
  if (given.replace) throw new CliError("--replace may only be used with --copy-to.");
}

interface Made {
  readonly pod: AnyObject;
  readonly container: string;
}

async function makeDebugger(call: DebugCall, target: string, command: readonly string[]): Promise<Made> {
  const { session, flags: given } = call;
  const api = await session.api();
  const chosen = target.includes("/") ? await parseResourceArguments([target], await session.discovery()) : undefined;
  const [item] = chosen?.type === "names" ? chosen.items : [];
  const kind = item?.resource.kind ?? "Pod";
  const name = item?.name ?? target;
  if (kind === "Node") return debugNode(session, api, name, given, command);
  if (kind !== "Pod") {
    const { group = "", version = "v1" } = item?.resource ?? {};
    throw new CliError(`"${group}/${version}, Kind=${kind}" not supported by debug`);
  }
  const pod = await api.get(pods, name, await session.namespace());
  return given["copy-to"]
    ? debugCopy(session, api, pod, given, command)
    : debugByEphemeral(session, api, pod, given, command);
}

type Given = DebugCall["flags"];

/** A name that no container of the pod has yet. */
function nameFor(session: Session, given: Given, pod: AnyObject | undefined): string {
  if (given.container) return given.container;
  const { containers = [], initContainers = [], ephemeralContainers = [] } = pod ? specOf(pod) : { containers: [] };
  const taken = new Set([...containers, ...initContainers, ...ephemeralContainers].map((one) => one.name));
  for (let number = 1; ; number++) {
    const name = `debugger-${number}`;
    if (taken.has(name)) continue;
    if (!given.quiet) session.note(`Defaulting debug container name to ${name}.`);
    return name;
  }
}

const containerOf = (name: string, image: string, given: Given, command: readonly string[]): ContainerView => ({
  name,
  image,
  ...(command.length > 0 ? { command } : {}),
  ...(given.env.length > 0 ? { env: given.env.map(variableOf) } : {}),
  ...(given["image-pull-policy"] ? { imagePullPolicy: given["image-pull-policy"] } : {}),
  ...(given.stdin ? { stdin: true } : {}),
  ...(given.tty ? { tty: true } : {}),
  terminationMessagePolicy: "File",
});

function variableOf(written: string): { readonly name: string; readonly value: string } {
  const equals = written.indexOf("=");
  if (equals < 1)
    throw new CliError(
      `invalid argument ${JSON.stringify(written)} for "--env" flag: ${written} must be formatted as key=value`,
    );
  return { name: written.slice(0, equals), value: written.slice(equals + 1) };
}

function imageOf(given: Given): string {
  if (!given.image) throw new CliError("you must specify --image when not using --copy-to.");
  return given.image;
}

async function debugByEphemeral(
  session: Session,
  api: Api,
  pod: AnyObject,
  given: Given,
  command: readonly string[],
): Promise<Made> {
  const image = imageOf(given);
  const { name = "", namespace } = pod.metadata;
  const container = nameFor(session, given, pod);
  if (given.target && !given.quiet) {
    session.note(
      `Targeting container ${JSON.stringify(given.target)}. If you don't see processes from this container it may be because the container runtime doesn't support this feature.`,
    );
  }
  const added = {
    ...containerOf(container, image, given, command),
    ...(given.target ? { targetContainerName: given.target } : {}),
  };
  const changed = await api.patch(pods, name, namespace, {
    type: "strategic",
    subresource: "ephemeralcontainers",
    body: { spec: { ephemeralContainers: [added] } },
    query: { fieldManager: "kubectl-debug" },
  });
  return { pod: changed, container };
}

async function debugCopy(
  session: Session,
  api: Api,
  pod: AnyObject,
  given: Given,
  command: readonly string[],
): Promise<Made> {
  const { nodeName, ephemeralContainers: _, ...spec } = specOf(pod);
  const images = new Map(
    given["set-image"].map((pair): [string, string] => {
      const equals = pair.indexOf("=");
      if (equals < 1) throw new CliError(`invalid --set-image: ${pair}`);
      return [pair.slice(0, equals), pair.slice(equals + 1)];
    }),
  );
  const own = spec.containers.map((one) => {
    const image = images.get(one.name) ?? images.get("*");
    return image === undefined ? one : { ...one, image };
  });
  const existing = given.container === undefined ? undefined : own.find((one) => one.name === given.container);
  let container: string;
  let containers: readonly ContainerView[];
  if (existing) {
    // The container itself, with another command or image.
    container = existing.name;
    const { livenessProbe: _a, readinessProbe: _b, startupProbe: _c, ...kept } = existing;
    const instead = { ...kept, ...containerOf(existing.name, given.image ?? existing.image ?? "", given, command) };
    containers = own.map((one) => (one === existing ? instead : one));
  } else if (given.image) {
    container = nameFor(session, given, pod);
    containers = [...own, containerOf(container, given.image, given, command)];
  } else if (images.size > 0 || command.length > 0) {
    const [first, ...rest] = own;
    if (!first) throw new CliError("the pod has no containers");
    container = first.name;
    containers = [{ ...first, ...(command.length > 0 ? { command } : {}) }, ...rest];
  } else throw new CliError("you must specify an existing container or a new image when specifying args.");
  const copy: AnyObject = {
    apiVersion: "v1",
    kind: "Pod",
    // Without its labels: nothing that selects the pod takes the copy for it.
    metadata: {
      name: given["copy-to"] ?? "",
      ...(pod.metadata.namespace ? { namespace: pod.metadata.namespace } : {}),
      annotations: pod.metadata.annotations ?? {},
    },
    spec: {
      ...spec,
      containers,
      ...(given["share-processes"] ? { shareProcessNamespace: true } : {}),
      ...(given["same-node"] && nodeName ? { nodeName } : {}),
    },
  };
  if (given.replace) {
    await session.announceCluster();
    await api.delete(pods, pod.metadata.name ?? "", pod.metadata.namespace, { propagationPolicy: "Background" });
  }
  return { pod: await api.create(pods, copy, pod.metadata.namespace, { fieldManager: "kubectl-debug" }), container };
}

async function debugNode(
  session: Session,
  api: Api,
  name: string,
  given: Given,
  command: readonly string[],
): Promise<Made> {
  const node = await api.get(nodes, name, undefined);
  const container = given.container ?? "debugger";
  const namespace = await session.namespace();
  const pod: AnyObject = {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { generateName: `node-debugger-${name}-`, namespace },
    spec: {
      containers: [
        {
          ...containerOf(container, imageOf(given), given, command),
          volumeMounts: [{ name: "host-root", mountPath: "/host" }],
        },
      ],
      hostIPC: true,
      hostNetwork: true,
      hostPID: true,
      nodeName: node.metadata.name,
      restartPolicy: "Never",
      tolerations: [{ operator: "Exists" }],
      volumes: [{ name: "host-root", hostPath: { path: "/" } }],
    },
  };
  const made = await api.create(pods, pod, namespace, { fieldManager: "kubectl-debug" });
  if (!given.quiet)
    session.note(`Creating debugging pod ${made.metadata.name} with container ${container} on node ${name}.`);
  return { pod: made, container };
}
