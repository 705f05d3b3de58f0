import type { Command } from "./command.js";

/** A command's place in the list; the command itself is loaded when it is called. */
export interface CatalogueEntry {
  readonly name: string;
  readonly group: keyof typeof groupTitles;
  readonly summary: string;
  readonly load: () => Promise<Command>;
}

export const groupTitles = {
  basic: "Basic commands",
  deploy: "Deployment commands",
  cluster: "Cluster commands",
  debug: "Looking into things",
  advanced: "Advanced commands",
  settings: "Settings",
  other: "Other commands",
} as const;

const entry = (
  group: CatalogueEntry["group"],
  name: string,
  summary: string,
  load: () => Promise<Command>,
): CatalogueEntry => ({ group, name, summary, load });

/** Every command. One more is a file in commands/ and a line here. */
export const catalogue: readonly CatalogueEntry[] = [
  entry(
    "basic",
    "create",
    "Create objects from a file, or one object from flags",
    async () => (await import("./commands/create.js")).create,
  ),
  entry("basic", "expose", "Make a service for a workload", async () => (await import("./commands/expose.js")).expose),
  entry("basic", "run", "Run an image in a pod", async () => (await import("./commands/run.js")).runCommand),
  entry(
    "basic",
    "explain",
    "Show what a kind and its fields mean",
    async () => (await import("./commands/explain.js")).explain,
  ),
  entry("basic", "get", "Show objects", async () => (await import("./commands/get.js")).get),
  entry("basic", "set", "Change one aspect of a workload", async () => (await import("./commands/set.js")).set),
  entry("basic", "edit", "Change an object in an editor", async () => (await import("./commands/edit.js")).edit),
  entry("basic", "delete", "Delete objects", async () => (await import("./commands/delete.js")).deleteCommand),
  entry(
    "deploy",
    "rollout",
    "Follow and steer how a workload changes",
    async () => (await import("./commands/rollout.js")).rollout,
  ),
  entry("deploy", "scale", "Set the number of replicas", async () => (await import("./commands/scale.js")).scale),
  entry(
    "deploy",
    "autoscale",
    "Let the number of replicas follow the load",
    async () => (await import("./commands/autoscale.js")).autoscale,
  ),
  entry(
    "cluster",
    "certificate",
    "Decide on certificate signing requests",
    async () => (await import("./commands/certificate.js")).certificate,
  ),
  entry(
    "cluster",
    "cluster-info",
    "Show where the cluster answers",
    async () => (await import("./commands/cluster-info.js")).clusterInfo,
  ),
  entry("cluster", "top", "Show what nodes and pods use", async () => (await import("./commands/top.js")).top),
  entry("cluster", "cordon", "Keep new pods off a node", async () => (await import("./commands/cordon.js")).cordon),
  entry(
    "cluster",
    "uncordon",
    "Let new pods onto a node again",
    async () => (await import("./commands/cordon.js")).uncordon,
  ),
  entry("cluster", "drain", "Empty a node before maintenance", async () => (await import("./commands/drain.js")).drain),
  entry("cluster", "taint", "Change the taints of nodes", async () => (await import("./commands/taint.js")).taint),
  entry(
    "debug",
    "describe",
    "Show objects in detail, with their events",
    async () => (await import("./commands/describe.js")).describe,
  ),
  entry("debug", "logs", "Print what a container wrote", async () => (await import("./commands/logs.js")).logs),
  entry(
    "debug",
    "attach",
    "Join the main process of a container",
    async () => (await import("./commands/attach.js")).attach,
  ),
  entry(
    "debug",
    "port-forward",
    "Forward local ports to a pod",
    async () => (await import("./commands/port-forward.js")).portForward,
  ),
  entry("debug", "proxy", "Serve the API on a local port", async () => (await import("./commands/proxy.js")).proxy),
  entry("debug", "cp", "Copy files to and from containers", async () => (await import("./commands/cp.js")).cp),
  entry(
    "debug",
    "debug",
    "Look into a pod or a node by a container with tools",
    async () => (await import("./commands/debug.js")).debug,
  ),
  entry("debug", "exec", "Run a command in a container", async () => (await import("./commands/exec.js")).exec),
  entry("debug", "events", "Show events", async () => (await import("./commands/events.js")).events),
  entry("debug", "auth", "Ask what one may do", async () => (await import("./commands/auth.js")).auth),
  entry("advanced", "diff", "Show what an apply would change", async () => (await import("./commands/diff.js")).diff),
  entry(
    "advanced",
    "apply",
    "Bring objects to what a file says",
    async () => (await import("./commands/apply.js")).apply,
  ),
  entry("advanced", "patch", "Change fields of an object", async () => (await import("./commands/patch.js")).patch),
  entry(
    "advanced",
    "replace",
    "Replace objects by what a file says",
    async () => (await import("./commands/replace.js")).replace,
  ),
  entry(
    "advanced",
    "wait",
    "Wait until objects are in a certain state",
    async () => (await import("./commands/wait.js")).wait,
  ),
  entry("settings", "label", "Change labels", async () => (await import("./commands/label.js")).label),
  entry("settings", "annotate", "Change annotations", async () => (await import("./commands/annotate.js")).annotate),
  entry(
    "settings",
    "completion",
    "Print a completion script for a shell",
    async () => (await import("./commands/completion.js")).completion,
  ),
  entry(
    "settings",
    "config",
    "Look at and change the kubeconfig",
    async () => (await import("./commands/config.js")).config,
  ),
  entry(
    "other",
    "api-resources",
    "List the kinds that the server knows",
    async () => (await import("./commands/api-resources.js")).apiResources,
  ),
  entry(
    "other",
    "api-versions",
    "List the API versions that the server knows",
    async () => (await import("./commands/api-versions.js")).apiVersions,
  ),
  entry("other", "plugin", "Look at plugins", async () => (await import("./commands/plugin.js")).plugin),
  entry(
    "other",
    "version",
    "Print the versions of client and server",
    async () => (await import("./commands/version.js")).version,
  ),
];
