import type { ClientRequest, IncomingMessage } from "node:http";
import { request as httpsRequest, type RequestOptions } from "node:https";
import type { Duplex, Readable } from "node:stream";
import type { Node } from "../../api/core/node/node.js";
import { StatusError } from "../../apimachinery/status.js";
import type { Identity } from "../../base/tls.js";
import { type AddressRules, createAddressCheck } from "./addresses.js";

export interface AgentAccess extends AddressRules {
  /** The client certificate by which agents know the API server; asked for with each connection. */
  readonly identity: () => Identity;
  /** PEM: who may sign agents' serving certificates. */
  readonly authorities: string;
}

export interface AgentRequest {
  readonly node: Node;
  /** With its query. */
  readonly path: string;
  readonly headers?: Readonly<Record<string, string | string[]>>;
  /** GET unless said. */
  readonly method?: string;
  readonly body?: Readable | undefined;
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
  /** What a node's own server answers, whatever it is. */
  proxy(request: AgentRequest, upgrading: boolean): Promise<UpgradedConnection | IncomingMessage>;
  /** The agent's answer instead where it does not agree. */
  upgrade(request: AgentRequest): Promise<UpgradedConnection | IncomingMessage>;
}

/** The node's address comes from its own status, so it is checked; its certificate must be for the node's name. */
export function createAgentDialer(access: AgentAccess): AgentDialer {
  const check = createAddressCheck(access);
  const optionsFor = ({ node, path, method = "GET", headers, signal }: AgentRequest): RequestOptions => {
    const { address, port } = endpointOf(node);
    const verdict = check(address, port);
    if (!verdict.ok) throw dialError(`node ${JSON.stringify(node.metadata.name)}: ${verdict.why}`);
    const { certificate, key } = access.identity();
    return {
      host: address,
      port,
      path,
      method,
      ...(headers ? { headers } : {}),
      ca: access.authorities,
      cert: certificate,
      key,
      servername: node.metadata.name,
      agent: false,
      signal,
      timeout: connectTimeoutMs,
    };
  };
  return {
    get: (request) => send(httpsRequest(optionsFor(request)), { upgrading: false }) as Promise<IncomingMessage>,
    upgrade: (request) => send(httpsRequest(optionsFor(request)), { upgrading: true }),
    proxy: (request, upgrading) => send(httpsRequest(optionsFor(request)), { upgrading, body: request.body }),
  };
}

/** Until the agent answers; what comes after may take as long as it likes. */
export const connectTimeoutMs = 15_000;

export function endpointOf({ metadata, status }: Node): { readonly address: string; readonly port: number } {
  const address = status?.addresses?.find(({ type }) => type === "InternalIP")?.address;
  const port = status?.daemonEndpoints?.kubeletEndpoint?.Port ?? 0;
  if (address === undefined) throw dialError(`no preferred addresses found for node ${JSON.stringify(metadata.name)}`);
  return { address, port };
}

export interface Sending {
  readonly upgrading: boolean;
  readonly body?: Readable | undefined;
  /** What a failure to get an answer is to the caller. */
  readonly failed?: (why: string) => Error;
}

/** Sends a request that was made with a timeout for its answer; redirects are answers like any other. */
export function send(
  request: ClientRequest,
  { upgrading, body, failed = dialError }: Sending,
): Promise<UpgradedConnection | IncomingMessage> {
  return new Promise((resolve, reject) => {
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
    request.on("error", (error) => reject(failed(error.message)));
    if (!body) return void request.end();
    body.once("error", (error) => request.destroy(error));
    body.once("close", () => body.readableEnded || request.destroy());
    body.pipe(request);
  });
}

export const dialError = (why: string): StatusError =>
  new StatusError("InternalError", `Internal error occurred: error dialing backend: ${why}`, {
    causes: [{ message: `error dialing backend: ${why}` }],
  });
