import { request as httpRequest, type IncomingMessage } from "node:http";
import { request as httpsRequest } from "node:https";
import type { Readable } from "node:stream";
import { badRequest, StatusError } from "../../apimachinery/status.js";
import { type AddressRules, createAddressCheck } from "./addresses.js";
import { send, type UpgradedConnection } from "./agent-dialer.js";

export interface BackendRequest {
  readonly scheme: "http" | "https";
  /** Literal: what is judged is what is dialled. */
  readonly address: string;
  readonly port: number;
  readonly path: string;
  readonly method: string;
  readonly headers: Readonly<Record<string, string | string[]>>;
  readonly body: Readable | undefined;
  readonly upgrading: boolean;
  readonly signal: AbortSignal;
}

/** Speaks to what runs in pods, on behalf of users. Throws StatusError. */
export type BackendDialer = (request: BackendRequest) => Promise<UpgradedConnection | IncomingMessage>;

/** Certificates of pods are nobody's to check: the API server knows them by their address alone. */
export function createBackendDialer(rules: AddressRules): BackendDialer {
  const check = createAddressCheck(rules);
  return async ({ scheme, address, port, path, method, headers, body, upgrading, signal }) => {
    const verdict = check(address, port);
    if (!verdict.ok) throw badRequest(`address not allowed: ${verdict.why}`);
    const options = { host: address, port, path, method, headers, agent: false, signal };
    const request = scheme === "https" ? httpsRequest({ ...options, rejectUnauthorized: false }) : httpRequest(options);
    const connecting = setTimeout(() => request.destroy(new Error("i/o timeout")), connectTimeoutMs);
    request.once("socket", (socket) => socket.once("connect", () => clearTimeout(connecting)));
    request.once("close", () => clearTimeout(connecting));
    const failed = (why: string): Error => unreachable(`dial tcp ${address}:${port}: ${why}`);
    return send(request, { upgrading, body, failed });
  };
}

const connectTimeoutMs = 15_000;

export const unreachable = (why: string): StatusError =>
  new StatusError("ServiceUnavailable", `error trying to reach service: ${why}`, {});
