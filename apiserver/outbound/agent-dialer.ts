import type { IncomingMessage } from "node:http";
import { request as httpsRequest, type RequestOptions } from "node:https";
import type { Duplex } from "node:stream";
import type { Node } from "../../api/core/node/node.js";
import { StatusError } from "../../apimachinery/status.js";
import type { Identity } from "../../base/tls.js";
import { type AddressRules, createAddressCheck } from "./addresses.js";

export interface AgentAccess extends AddressRules {
  /** The client certificate by which agents know the API server. */
  readonly identity: Identity;
  /** PEM: who may sign agents' serving certificates. */
  readonly authorities: string;
}

export interface AgentRequest {
  readonly node: Node;
  /** With its query. */
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
}
/** A connection that the agent agreed to turn into something else. */
export interface UpgradedConnection {
  readonly response: IncomingMessage;
  readonly socket: Duplex;
  readonly head: Buffer;
}

/** Speaks to the agents of nodes. Throws StatusError when a node has no usable address or cannot be reached. */
export interface AgentDialer {
  get(request: AgentRequest): Promise<IncomingMessage>;
  /** The agent's answer instead where it does not agree. */
  upgrade(request: AgentRequest): Promise<UpgradedConnection | IncomingMessage>;
}

/** The node's address comes from its own status, so it is checked; its certificate must be for the node's name. */
export function createAgentDialer(access: AgentAccess): AgentDialer {
  const check = createAddressCheck(access);
  const optionsFor = ({ node, path, headers, signal }: AgentRequest): RequestOptions => {
    const { address, port } = endpointOf(node);
    const verdict = check(address, port);
    if (!verdict.ok) throw dialError(`node ${JSON.stringify(node.metadata.name)}: ${verdict.why}`);
    return {
      host: address,
      port,
      path,
      method: "GET",
      ...(headers ? { headers } : {}),
      ca: access.authorities,
      cert: access.identity.certificate,
      key: access.identity.key,
      servername: node.metadata.name,
      agent: false,
      signal,
      timeout: connectTimeoutMs,
    };
  };
  return {
    get: (request) => send(optionsFor(request), false) as Promise<IncomingMessage>,
    upgrade: (request) => send(optionsFor(request), true),
  };
}

/** Until the agent answers; what comes after may take as long as it likes. */
const connectTimeoutMs = 15_000;

function endpointOf({ metadata, status }: Node): { readonly address: string; readonly port: number } {
  const address = status?.addresses?.find(({ type }) => type === "InternalIP")?.address;
  const port = status?.daemonEndpoints?.kubeletEndpoint?.Port ?? 0;
  if (address === undefined) throw dialError(`no preferred addresses found for node ${JSON.stringify(metadata.name)}`);
  return { address, port };
}

function send(options: RequestOptions, upgrading: boolean): Promise<UpgradedConnection | IncomingMessage> {
  return new Promise((resolve, reject) => {
    const request = httpsRequest(options);
    request.once("response", (response) => {
      request.setTimeout(0);
      resolve(response);
    });
    if (upgrading)
      request.once("upgrade", (response, socket, head) => {
        socket.setTimeout(0);
        resolve({ response, socket, head });
      });
    request.once("timeout", () => request.destroy(new Error(`no answer within ${connectTimeoutMs / 1000} s`)));
    request.on("error", (error) => reject(dialError(error.message)));
    request.end();
  });
}

const dialError = (why: string): StatusError =>
  new StatusError("InternalError", `Internal error occurred: error dialing backend: ${why}`, {
    causes: [{ message: `error dialing backend: ${why}` }],
  });
