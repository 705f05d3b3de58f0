import { deployments } from "../../../api/apps/deployment.js";
import { services } from "../../../api/core/service.js";
import { dnsSubdomain } from "../../../apimachinery/names.js";
import type { Command } from "../../command.js";
import { CliError } from "../../errors.js";
import { int, list, text } from "../../flags.js";
import { type Draft, defineGenerator } from "./generator.js";

export const deployment = defineGenerator({
  name: "deployment",
  aliases: ["deploy"],
  usage: "NAME --image=image -- [COMMAND] [args...]",
  summary: "Create a deployment.",
  examples: ["navctl create deployment web --image=my-app:latest --replicas=3"],
  flags: {
    image: list("Image to run; several make several containers."),
    replicas: int("How many replicas.", { short: "r" }),
    port: int("Port that the container serves."),
  },
  target: deployments,
  failing: "deployment:",
  required: ["image"],
  make(name, { args, dashAt, flags }) {
    const command = dashAt === undefined ? [] : args.slice(dashAt);
    if (flags.image.length > 1 && command.length > 0)
      throw new CliError("cannot specify multiple --image options and command");
    const labels = { app: name };
    return {
      metadata: { labels },
      spec: {
        replicas: flags.replicas ?? 1,
        selector: { matchLabels: labels },
        strategy: {},
        template: {
          metadata: { labels },
          spec: {
            containers: flags.image.map((image) => ({
              image,
              name: containerName(image),
              ...(command.length > 0 ? { command } : {}),
              ...(flags.port === undefined ? {} : { ports: [{ containerPort: flags.port }] }),
              resources: {},
            })),
          },
        },
      },
      status: {},
    };
  },
});

/** `registry/team/web-app:1.2` runs as `web-app`. */
export const containerName = (image: string): string =>
  (image.split("/").at(-1) ?? image)
    .replace(/[:@].*$/, "")
    .replaceAll("_", "-")
    .toLowerCase();

const portsFlag = { tcp: list("port[:targetPort]; may be repeated.") };

const clusterIp = defineGenerator({
  name: "clusterip",
  usage: "NAME [--tcp=PORT[:TARGETPORT]]",
  summary: "Create a service with an address inside the cluster.",
  flags: { ...portsFlag, clusterip: text("Address to take; None for a headless service.") },
  target: services,
  failing: "ClusterIP service:",
  make: (name, { flags }) => {
    if (flags.tcp.length === 0 && flags.clusterip !== "None")
      throw new CliError("at least one tcp port specifier must be provided");
    return service(name, "ClusterIP", flags.tcp, flags.clusterip ? { clusterIP: flags.clusterip } : {});
  },
});

const nodePort = defineGenerator({
  name: "nodeport",
  usage: "NAME [--tcp=PORT[:TARGETPORT]]",
  summary: "Create a service with a port on every node.",
  flags: { ...portsFlag, "node-port": int("Port to take on the nodes.") },
  target: services,
  failing: "NodePort service:",
  make: (name, { flags }) => service(name, "NodePort", required(flags.tcp), {}, flags["node-port"]),
});

const loadBalancer = defineGenerator({
  name: "loadbalancer",
  usage: "NAME [--tcp=PORT[:TARGETPORT]]",
  summary: "Create a service with an address outside the cluster.",
  flags: portsFlag,
  target: services,
  failing: "LoadBalancer service:",
  make: (name, { flags }) => service(name, "LoadBalancer", required(flags.tcp), {}),
});

const externalName = defineGenerator({
  name: "externalname",
  usage: "NAME --external-name=HOST [--tcp=PORT[:TARGETPORT]]",
  summary: "Create a service that stands for a name outside the cluster.",
  flags: { ...portsFlag, "external-name": text("The name that it stands for.") },
  target: services,
  failing: "ExternalName service:",
  make: (name, { flags }) => {
    if (!flags["external-name"]) throw new CliError('required flag(s) "external-name" not set');
    const host = flags["external-name"];
    if (dnsSubdomain(host).length > 0) throw new CliError(`invalid service external name ${host}`);
    return service(name, "ExternalName", flags.tcp, { externalName: host });
  },
});

export const serviceCommand: Command = {
  name: "service",
  aliases: ["svc"],
  summary: "Create a service.",
  flags: {},
  subcommands: [clusterIp, externalName, loadBalancer, nodePort],
};

const required = (ports: readonly string[]): readonly string[] => {
  if (ports.length === 0) throw new CliError('required flag(s) "tcp" not set');
  return ports;
};

function service(name: string, type: string, tcp: readonly string[], more: Draft, nodePort?: number): Draft {
  const labels = { app: name };
  return {
    metadata: { labels },
    spec: {
      type,
      ...more,
      selector: labels,
      ...(tcp.length > 0 ? { ports: tcp.map((written) => portOf(written, nodePort)) } : {}),
    },
    status: { loadBalancer: {} },
  };
}

function portOf(written: string, nodePort: number | undefined): Draft {
  const [port = "", target, ...rest] = written.split(":");
  const number = portNumber(port);
  if (number === undefined && !/^\d+$/.test(port))
    throw new CliError(`strconv.ParseUint: parsing ${JSON.stringify(port)}: invalid syntax`);
  if (number === undefined || rest.length > 0) throw new CliError(`invalid port format: ${written}`);
  return {
    name: written.replaceAll(":", "-"),
    port: number,
    protocol: "TCP",
    targetPort: target === undefined ? number : (portNumber(target) ?? target),
    ...(nodePort === undefined ? {} : { nodePort }),
  };
}

const portNumber = (written: string): number | undefined => {
  const number = Number(written);
  return /^\d+$/.test(written) && number <= 65_535 ? number : undefined;
};
