import { STATUS_CODES } from "node:http";
import type { Duplex } from "node:stream";
import { badRequest, type StatusError } from "../../apimachinery/status.js";
import { withoutToken } from "../authn/web-socket-token.js";
import type { AgentDialer, AgentRequest, UpgradedConnection } from "../outbound/agent-dialer.js";
import type { Answer, ApiRequest, RequestContext } from "../request.js";
import { agentText } from "./agent-answer.js";
import { textAnswer } from "./paths.js";

export const upgradeRequired = (): StatusError => badRequest("Upgrade request required");

const webSocketHeaders = [
  ...["sec-websocket-key", "sec-websocket-version", "sec-websocket-protocol", "sec-websocket-extensions"],
];

/** What is passed on of a request for another protocol: WebSocket, or SPDY/3.1 for older clients. Throws BadRequest. */
export function upgradeHeaders({ headers, method }: ApiRequest): Readonly<Record<string, string>> {
  const wanted = headers.upgrade?.toLowerCase();
  const isWebSocket = wanted === "websocket" && method === "GET";
  if (!isWebSocket && wanted !== "spdy/3.1")
    throw badRequest("only upgrades to WebSocket (by GET) and SPDY/3.1 are supported for this request");
  const given: Record<string, string> = { connection: "Upgrade", upgrade: isWebSocket ? "websocket" : "SPDY/3.1" };
  for (const name of isWebSocket ? webSocketHeaders : ["x-stream-protocol-version"]) {
    const value = name === "sec-websocket-protocol" ? withoutToken(headers[name] ?? "") : headers[name];
    if (value !== undefined && value !== "") given[name] = value;
  }
  return given;
}

/**
 * Asks the agent for the same upgrade as the client asks for, and joins the two connections. A refusal is an ordinary
 * answer in the agent's own words, after which the connection ends: what the client sends behind its request goes
 * nowhere.
 */
export async function relayUpgrade(
  { request, signal }: RequestContext,
  dialer: AgentDialer,
  asked: Omit<AgentRequest, "signal">,
): Promise<Answer> {
  const agreed = await dialer.upgrade({ ...asked, signal });
  if (!("head" in agreed)) return textAnswer(agreed.statusCode ?? 500, await agentText(agreed));
  return joinUpgrade({ request, signal }, agreed);
}

/** Takes the client's connection over, and joins it with the other side's. */
export function joinUpgrade(
  { request, signal }: Pick<RequestContext, "request" | "signal">,
  agreed: UpgradedConnection,
): Answer {
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
}

/** The other side's own words of agreement, of which the client checks the key. */
function switching(rawHeaders: readonly string[]): string {
  const lines = [`HTTP/1.1 101 ${STATUS_CODES[101]}`];
  for (let at = 0; at + 1 < rawHeaders.length; at += 2) lines.push(`${rawHeaders[at]}: ${rawHeaders[at + 1]}`);
  return `${lines.join("\r\n")}\r\n\r\n`;
}

/** Bytes in both directions at the pace of the slower side; the end or failure of one is that of the other. */
function relay(client: Duplex, backend: Duplex): void {
  for (const [from, to] of [
    [client, backend],
    [backend, client],
  ] as const) {
    from.on("error", () => to.destroy());
    from.once("close", () => to.destroy());
    from.pipe(to);
  }
}
