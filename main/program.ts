import { Command, Option } from "commander";
import {
  cidr,
  collect,
  commaSeparated,
  duration,
  durationOrZero,
  integer,
  port,
  positive,
  signingDuration,
  verbosityLevel,
} from "./flags.js";
import { podFlags } from "./pod-flags.js";
import { explain } from "./user-error.js";

declare const NAVARCH_VERSION: string;

/** Runs `bin/navarch`; the exit code of the process says how it ended. */
export async function program(argv: readonly string[]): Promise<void> {
  const root = new Command("navarch")
    .description("A Kubernetes-compatible orchestrator: all components in one process, or one by one.")
    .version(NAVARCH_VERSION)
    .configureOutput({ outputError: (text, write) => write(text) });
  root.addCommand(upCommand());
  root.addCommand(apiServerCommand());
  root.addCommand(schedulerCommand());
  root.addCommand(controllersCommand());
  root.addCommand(agentCommand());
  root.addCommand(proxyCommand());
  try {
    await root.parseAsync([...argv], { from: "user" });
  } catch (error) {
    process.stderr.write(`error: ${explain(error)}\n`);
    process.exit(1);
  }
}

function upCommand(): Command {
  const command = new Command("up").description(
    "Start a whole cluster: API server, scheduler, controllers and nodes, in one process.",
  );
  storeFlags(command);
  servingFlags(command);
  taintFlags(command);
  podFlags(command);
  return command
    .addOption(
      new Option("--runtime <name>", "what pods run as")
        .choices(["auto", "cri", "process", "simulated"])
        .default("auto"),
    )
    .option("--cri-socket <path>", `socket of a CRI runtime (default: ${criSocket})`)
    .option("--container-runtime-endpoint <path>", "the same, by kubelet's name")
    .option("--cluster-cidr <cidr>", "range from which nodes get their pod addresses, with containers", cidr)
    .option("--nodes <n>", "nodes to start; more than one with the process or simulated runtime", positive, 1)
    .option("--apply <file>", "manifest to apply once ready (repeatable)", collect, [])
    .option(
      "--loopback-cidr <cidr>",
      "addresses of nodes, pods and Services with the process runtime",
      cidr,
      "127.64.0.0/10",
    )
    .option(
      "--node-monitor-grace-period <duration>",
      "silence after which a node counts as lost (default: 40s)",
      duration,
    )
    .option("--allow-host-access", "let pods use hostPath, hostPID and hostNetwork (process runtime)", false)
    .option("--i-trust-every-client", "allow --bind-address beyond loopback with the process runtime", false)
    .addOption(verbosity())
    .action(async (flags) => (await import("./up.js")).up(flags));
}

function apiServerCommand(): Command {
  const command = new Command("apiserver").description("The API server alone.");
  storeFlags(command);
  servingFlags(command);
  taintFlags(command);
  return command
    .option("--cert-dir <dir>", "certificates; made at first start (default: pki in the data directory)")
    .option(
      "--issue-node <name>",
      "write a kubeconfig and a serving certificate for this node's agent (repeatable)",
      collect,
      [],
    )
    .option(
      "--loopback-cidr <cidr>",
      "loopback addresses that pods, nodes and Services may have (process runtime)",
      cidr,
      "127.64.0.0/10",
    )
    .addOption(verbosity())
    .action(async (flags) => (await import("./components.js")).apiServer(flags));
}

function schedulerCommand(): Command {
  const command = new Command("scheduler").description("The scheduler alone; of several one leads.");
  clientFlags(command);
  componentServerFlags(command, 10_259);
  return command.action(async (flags) => (await import("./components.js")).scheduler(flags));
}

function controllersCommand(): Command {
  const command = new Command("controllers").description("The controllers alone; of several processes one leads.");
  clientFlags(command);
  componentServerFlags(command, 10_257);
  return command
    .option(
      "--node-monitor-grace-period <duration>",
      "silence after which a node counts as lost (default: 40s)",
      duration,
    )
    .option("--cluster-cidr <cidr>", "range from which nodes get their pod addresses", cidr, "127.64.0.0/11")
    .option("--root-ca-file <file>", "CA certificate that pods get to know the API server by")
    .action(async (flags) => (await import("./components.js")).controllers(flags));
}

function agentCommand(): Command {
  const command = new Command("agent").description("The agent of one node; pods go on when it is stopped.");
  clientFlags(command);
  podFlags(command);
  return command
    .requiredOption("--hostname-override <name>", "the node's name")
    .requiredOption("--root-dir <dir>", "the agent's data: pods, volumes, logs")
    .option("--tls-cert-file <file>", "serving certificate")
    .option("--tls-private-key-file <file>", "its key")
    .option("--client-ca-file <file>", "CA of those who may call the agent")
    .option("--port <n>", "port of the agent's server (0: any free port)", port, 0)
    .addOption(
      new Option("--runtime <name>", "what pods run as")
        .choices(["auto", "cri", "process", "simulated"])
        .default("auto"),
    )
    .option("--container-runtime-endpoint <path>", `socket of a CRI runtime (default: ${criSocket})`)
    .option("--node-ip <ip>", "the node's address (default: with containers the host's first)")
    .option("--allow-host-access", "let pods use hostPath, hostPID and hostNetwork", false)
    .action(async (flags) => (await import("./components.js")).agent(flags));
}

function proxyCommand(): Command {
  const command = new Command("proxy").description(
    "Serves Services on one host, for all nodes that it is; one process a host.",
  );
  clientFlags(command);
  return command
    .requiredOption("--hostname-override <name>", "a node of this host (repeatable)", collect, [])
    .option("--nodeport-addresses <ips>", "addresses for node ports besides the nodes' own", commaSeparated, [
      "127.0.0.1",
    ])
    .option("--service-cluster-ip-range <cidr>", "cluster addresses of Services", cidr, "127.96.0.0/11")
    .action(async (flags) => (await import("./components.js")).proxy(flags));
}

const criSocket = "/run/containerd/containerd.sock";

function storeFlags(command: Command): void {
  command
    .option("--data-dir <dir>", "store, certificates, logs and kubeconfig", ".navarch")
    .option("--etcd-servers <urls>", "use etcd instead of the embedded store (comma-separated)", commaSeparated)
    .option("--etcd-cafile <file>", "CA of the etcd servers")
    .option("--etcd-certfile <file>", "client certificate for etcd")
    .option("--etcd-keyfile <file>", "its key")
    .option(
      "--etcd-compaction-interval <duration>",
      "how long the past can be read, with the embedded store too; 0: it is not forgotten by its age (default: 5m)",
      durationOrZero,
    );
}

function servingFlags(command: Command): void {
  command
    .option("--bind-address <ip>", "address to listen on", "127.0.0.1")
    .option("--secure-port <n>", "port to listen on (0: any free port)", port, 6443)
    .option(
      "--service-cluster-ip-range <cidr>",
      "cluster addresses of Services (default: upper half of --loopback-cidr)",
      cidr,
    )
    .option(
      "--cluster-signing-duration <duration>",
      "how long certificates hold; they are renewed in time (default: 8760h)",
      signingDuration,
    );
}

function taintFlags(command: Command): void {
  command
    .option(
      "--default-not-ready-toleration-seconds <n>",
      "how long pods stay on a node that is not ready",
      integer,
      300,
    )
    .option("--default-unreachable-toleration-seconds <n>", "how long pods stay on a node that is lost", integer, 300);
}

function clientFlags(command: Command): void {
  command
    .requiredOption("--kubeconfig <file>", "how to reach the API server, and as whom")
    .option("--log-file <file>", "write the log there instead of stderr")
    .addOption(verbosity());
}

/** Where health and metrics are served; the ports are Kubernetes' own. */
function componentServerFlags(command: Command, defaultPort: number): void {
  command
    .option("--bind-address <ip>", "address for health and metrics", "127.0.0.1")
    .option("--secure-port <n>", "HTTPS port for health and metrics (0: any free port)", port, defaultPort)
    .option("--tls-cert-file <file>", "serving certificate (default: one that nobody can check)")
    .option("--tls-private-key-file <file>", "its key")
    .option("--client-ca-file <file>", "CA of certificates by which callers are known, besides tokens");
}

const verbosity = (): Option =>
  new Option("-v, --v <level>", "log level: 0 to 10").argParser(verbosityLevel).default(0);
