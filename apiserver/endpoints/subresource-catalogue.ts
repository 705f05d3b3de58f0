import { attachEndpoint, execEndpoint } from "./exec.js";
import { logEndpoint } from "./log.js";
import { portForwardEndpoint } from "./port-forward.js";
import { type ProxyOptions, proxyEndpoints } from "./proxy/proxy.js";
import type { SubresourceEndpoint } from "./subresources.js";
import { type TokenOptions, tokenEndpoint } from "./token.js";

/** Subresources that reach beyond the registry: the only list. */
export const serverSubresources = (options: TokenOptions & ProxyOptions): readonly SubresourceEndpoint[] => [
  tokenEndpoint(options),
  logEndpoint(options.dialer),
  execEndpoint(options.dialer),
  attachEndpoint(options.dialer),
  portForwardEndpoint(options.dialer),
  ...proxyEndpoints(options),
];
