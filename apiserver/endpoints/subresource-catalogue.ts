import type { AgentDialer } from "../outbound/agent-dialer.js";
import { attachEndpoint, execEndpoint } from "./exec.js";
import { logEndpoint } from "./log.js";
import { unsupportedConnections } from "./not-supported.js";
import { portForwardEndpoint } from "./port-forward.js";
import type { SubresourceEndpoint } from "./subresources.js";
import { type TokenOptions, tokenEndpoint } from "./token.js";

/** Subresources that reach beyond the registry: the only list. */
export const serverSubresources = (
  options: TokenOptions & { readonly dialer: AgentDialer },
): readonly SubresourceEndpoint[] => [
  tokenEndpoint(options),
  logEndpoint(options.dialer),
  execEndpoint(options.dialer),
  attachEndpoint(options.dialer),
  portForwardEndpoint(options.dialer),
  ...unsupportedConnections,
];
