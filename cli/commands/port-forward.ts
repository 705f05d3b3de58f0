import { createServer, isIP, type Server, type Socket } from "node:net";
import { pipeline } from "node:stream";
import { pods } from "../../api/core/pod/pod.js";
import { objectPath } from "../../client/rest.js";
import type { AnyObject } from "../api.js";
import { type Call, defineCommand } from "../command.js";
import { CliError } from "../errors.js";
import { duration, list } from "../flags.js";
import { parseResourceArguments } from "../resources/arguments.js";
import { onePodOf, specOf } from "../resources/pods.js";
import type { Session } from "../session.js";

const flags = {
  address: list("Addresses to listen at; localhost unless said."),
  "pod-running-timeout": duration("Accepted; a pod is not waited for."),
};

/** Listens here and forwards every connection to a port of a pod, until it is interrupted or the pod is gone. */
export const portForward = defineCommand({
  name: "port-forward",
  usage: "TYPE/NAME [options] [LOCAL_PORT:]REMOTE_PORT [...[LOCAL_PORT_N:]REMOTE_PORT_N]",
  summary: "Forward local ports to ports of a pod.",
  examples: ["navctl port-forward pod/web-0 8080:80", "navctl port-forward service/web :80"],
  flags,
  async run({ session, args, flags: given, usageError }: Call<typeof flags>) {
    const [target, ...written] = args;
    const stranger = addressesOf(given.address).find((address) => isIP(address) === 0);
    if (stranger !== undefined) throw new CliError(`${stranger} is not a valid IP`);
    if (target === undefined || written.length === 0)
      throw usageError("TYPE/NAME and list of ports are required for port-forward");
    const pod = await onePodOf(session, target, "attach to");
    const { phase } = (pod.status ?? {}) as { readonly phase?: string };
    if (phase !== "Running")
      throw new CliError(`unable to forward port because pod is not running. Current status=${phase ?? "Pending"}`);
    const ports = await portsOf(session, target, pod, written);
    const { name = "", namespace = "default" } = pod.metadata;
    const { openTunnel } = await import("../remote/tunnel.js");
    const tunnel = await openTunnel(session, objectPath(pods, { name, namespace }, "portforward"));
    const servers: Server[] = [];
    try {
      for (const port of ports) {
        for (const address of addressesOf(given.address)) {
          servers.push(
            await listen(session, address, port, async (socket) => {
              session.print(`Handling connection for ${port.local || port.remote}`);
              await serve(session, socket, () =>
                tunnel.connect(port.remote, (text) => {
                  session.note(`an error occurred forwarding ${port.local} -> ${port.remote}: ${text}`);
                }),
              );
            }),
          );
        }
      }
      await Promise.race([tunnel.closed, interrupted(session)]);
      if (session.io.signal?.aborted) return 0;
      throw new CliError("lost connection to pod");
    } finally {
      for (const server of servers) server.close();
      tunnel.close();
    }
  },
});

interface Port {
  /** 0: any free one. */
  readonly local: number;
  readonly remote: number;
}

const connectionsMax = 1000;

function listen(
  session: Session,
  address: string,
  port: Port,
  accept: (socket: Socket) => Promise<void>,
): Promise<Server> {
  const server = createServer({ allowHalfOpen: true }, (socket) => void accept(socket));
  server.maxConnections = connectionsMax;
  return new Promise((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) => {
      reject(
        new CliError(
          `unable to listen on any of the requested ports: ${address}:${port.local}: ${error.code === "EADDRINUSE" ? "address already in use" : error.message}`,
        ),
      );
    });
    server.listen(port.local, address, () => {
      const bound = server.address();
      const shown = typeof bound === "object" && bound ? bound.port : port.local;
      session.print(`Forwarding from ${address.includes(":") ? `[${address}]` : address}:${shown} -> ${port.remote}`);
      resolve(server);
    });
  });
}

async function serve(
  session: Session,
  socket: Socket,
  connect: () => ReturnType<Awaited<ReturnType<typeof import("../remote/tunnel.js")["openTunnel"]>>["connect"]>,
): Promise<void> {
  socket.on("error", () => socket.destroy());
  try {
    const stream = await connect();
    pipeline(socket, stream, () => undefined);
    pipeline(stream, socket, () => undefined);
  } catch (error) {
    session.note(`error: ${error instanceof Error ? error.message : error}`);
    socket.destroy();
  }
}

const interrupted = (session: Session): Promise<void> =>
  new Promise((resolve) => session.io.signal?.addEventListener("abort", () => resolve(), { once: true }));

const addressesOf = (written: readonly string[]): readonly string[] =>
  (written.length === 0 ? ["localhost"] : written).flatMap((one) => (one === "localhost" ? ["127.0.0.1"] : [one]));

/** `8080:80`, `80`, `:80`, `8080:http`; a service's port becomes that of its pods. */
async function portsOf(
  session: Session,
  target: string,
  pod: AnyObject,
  written: readonly string[],
): Promise<readonly Port[]> {
  const service = await serviceOf(session, target);
  return written.map((one) => {
    const [first = "", second, ...more] = one.split(":");
    const remoteText = second ?? first;
    if (more.length > 0 || remoteText === "") throw new CliError(`invalid port format '${one}'`);
    const remote = remotePort(remoteText, service, pod);
    const local =
      second === undefined ? (service ? numberOf(first, remote) : remote) : first === "" ? 0 : Number(first);
    if (!Number.isInteger(local) || local < 0 || local > 65_535)
      throw new CliError(`error parsing local port '${first}'`);
    return { local, remote };
  });
}

const numberOf = (written: string, otherwise: number): number => (/^\d+$/.test(written) ? Number(written) : otherwise);

interface ForwardedService {
  readonly name: string;
  readonly ports: readonly ServicePort[];
}

interface ServicePort {
  readonly name?: string;
  readonly port: number;
  readonly targetPort?: number | string;
}

async function serviceOf(session: Session, target: string): Promise<ForwardedService | undefined> {
  if (!target.includes("/")) return undefined;
  const chosen = await parseResourceArguments([target], await session.discovery());
  const [item] = chosen.type === "names" ? chosen.items : [];
  if (item?.resource.kind !== "Service" || item.resource.group !== "") return undefined;
  const live = await (await session.api()).get(item.resource, item.name, await session.namespace());
  const { ports = [] } = live.spec as { readonly ports?: readonly ServicePort[] };
  return { name: item.name, ports };
}

function remotePort(written: string, service: ForwardedService | undefined, pod: AnyObject): number {
  if (service) {
    const found = service.ports.find(({ name, port }) => name === written || String(port) === written);
    if (!found) throw new CliError(`Service ${service.name} does not have a service port ${written}`);
    return containerPort(String(found.targetPort ?? found.port), pod);
  }
  return containerPort(written, pod);
}

function containerPort(written: string, pod: AnyObject): number {
  if (/^\d+$/.test(written)) {
    const port = Number(written);
    if (port === 0) throw new CliError("remote port must be > 0");
    if (port > 65_535)
      throw new CliError(
        `error parsing remote port '${written}': strconv.ParseUint: parsing "${written}": value out of range`,
      );
    return port;
  }
  for (const { ports } of specOf(pod).containers)
    for (const { name, containerPort: number } of (ports ?? []) as readonly { name?: string; containerPort: number }[])
      if (name === written) return number;
  throw new CliError(`Pod '${pod.metadata.name}' does not have a named port '${written}'`);
}
