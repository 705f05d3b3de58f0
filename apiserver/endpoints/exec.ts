import { STATUS_CODES } from "node:http";
import type { Duplex } from "node:stream";
import type { Pod } from "../../api/core/pod/pod.js";
import { badRequest, type StatusError } from "../../apimachinery/status.js";
import type { AgentDialer } from "../outbound/agent-dialer.js";
import type { Answer, RequestContext } from "../request.js";
import { agentRefusal } from "./agent-answer.js";
import { agentPath, chooseContainer, nodeOf, targetPod } from "./pod-location.js";
import type { SubresourceEndpoint } from "./subresources.js";

/**
 * Runs a program in a container. Who may, and where it goes, is decided here; the WebSocket is then between client and
 * agent, and its bytes are relayed as they are.
 */
export const execEndpoint = (dialer: AgentDialer): SubresourceEndpoint => ({
  resource: "pods",
  name: "exec",
  methods: ["GET", "POST"],
  async handle(context, api): Promise<Answer> {
    const { request, signal } = context;
    if (!request.upgrade) throw upgradeRequired();
    const query = execQuery(request.query);
    const pod = await targetPod(api);
    const { phase } = pod.status ?? {};
    if (phase === "Succeeded" || phase === "Failed")
      throw badRequest(`cannot exec into a container in a completed pod; current phase is ${phase}`);
    const container = chooseContainer(pod, request.query.get("container") ?? "");
    const node = await nodeOf(api, pod);
    if (!node) throw badRequest(`pod ${pod.metadata.name} does not have a host assigned`);
    const path = agentPath("exec", pod, container, query);
    // After all else: a client that falls back to another protocol must not lose sight of what was wrong first.
    const headers = webSocketHeaders(context, pod, container);
    const agreed = await dialer.upgrade({ node, path, headers, signal });
    if (!("head" in agreed)) throw await agentRefusal(agreed, pod.metadata.name);
    const taken = request.upgrade?.();
    if (!taken || signal.aborted) {
      agreed.socket.destroy();
      throw upgradeRequired();
    }
    taken.socket.write(switching(agreed.response.rawHeaders));
    if (agreed.head.length > 0) taken.socket.write(agreed.head);
    if (taken.head.length > 0) agreed.socket.write(taken.head);
    relay(taken.socket, agreed.socket);
    return { type: "taken" };
  },
});

const upgradeRequired = (): StatusError => badRequest("Upgrade request required");

const forwarded = ["sec-websocket-key", "sec-websocket-version", "sec-websocket-protocol", "sec-websocket-extensions"];

function webSocketHeaders(
  { request: { headers, method } }: RequestContext,
  pod: Pod,
  container: string,
): Readonly<Record<string, string>> {
  if (headers.upgrade?.toLowerCase() !== "websocket" || method !== "GET") {
    if (!isRunning(pod, container)) throw badRequest(`container ${JSON.stringify(container)} is not running`);
    throw badRequest(
      "only WebSocket is supported for this request: SPDY/3.1, which kubectl before 1.30 speaks, is not",
    );
  }
  const given: Record<string, string> = { connection: "Upgrade", upgrade: "websocket" };
  for (const name of forwarded) {
    const value = headers[name];
    if (value !== undefined) given[name] = value;
  }
  return given;
}

const isRunning = ({ status }: Pod, container: string): boolean =>
  [...(status?.initContainerStatuses ?? []), ...(status?.containerStatuses ?? [])].some(
    ({ name, state }) => name === container && state?.running !== undefined,
  );

const streams = ["stdin", "stdout", "stderr", "tty"];

function execQuery(given: URLSearchParams): URLSearchParams {
  const query = new URLSearchParams();
  for (const part of given.getAll("command")) query.append("command", part);
  if (!query.has("command")) throw badRequest("you must specify at least one command for the container");
  for (const name of streams) {
    const text = given.get(name);
    if (text === "true" || text === "1") query.set(name, "true");
  }
  if (!["stdin", "stdout", "stderr"].some((name) => query.has(name)))
    throw badRequest("you must specify at least 1 of stdin, stdout, stderr");
  return query;
}

/** The agent's own words of agreement, of which the client checks the key. */
function switching(rawHeaders: readonly string[]): string {
  const lines = [`HTTP/1.1 101 ${STATUS_CODES[101]}`];
  for (let at = 0; at + 1 < rawHeaders.length; at += 2) lines.push(`${rawHeaders[at]}: ${rawHeaders[at + 1]}`);
  return `${lines.join("\r\n")}\r\n\r\n`;
}

/** Bytes in both directions at the pace of the slower side; the end or failure of one is that of the other. */
function relay(client: Duplex, agent: Duplex): void {
  for (const [from, to] of [
    [client, agent],
    [agent, client],
  ] as const) {
    from.on("error", () => to.destroy());
    from.once("close", () => to.destroy());
    from.pipe(to);
  }
}
