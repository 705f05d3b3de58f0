import type { RuntimeCondition, RuntimeFeatures } from "../runtime.js";
import type { Namespaces } from "./namespaces.js";
import { lowestPort } from "./port-watch.js";

export interface ProcessHost {
  readonly namespaces: Namespaces | undefined;
  /** The host has setpriv(1). */
  readonly setpriv: boolean;
  readonly hostAccess: boolean;
  readonly terminals: boolean;
}

/** What process trees of this host can honour. */
export function featuresOf({ namespaces, setpriv, hostAccess, terminals }: ProcessHost): RuntimeFeatures {
  return {
    mounts: namespaces !== undefined,
    hostname: namespaces?.hostname !== undefined,
    ownProcessView: namespaces !== undefined,
    tty: terminals,
    resourceLimits: false,
    mergesOutputs: true,
    sharesHostNetwork: true,
    securityContext: new Set(setpriv ? ["allowPrivilegeEscalation"] : []),
    isReal: true,
    runsAs: { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 },
    hostAccess,
    hostPorts: true,
    processNamespaces: false,
    sandboxSettings: false,
    recursiveReadOnly: false,
    lowestPort: lowestPort(),
  };
}

export function conditionsOf(hasRange: boolean): readonly RuntimeCondition[] {
  return [
    { type: "RuntimeReady", status: true, reason: "", message: "" },
    hasRange
      ? { type: "NetworkReady", status: true, reason: "", message: "" }
      : {
          type: "NetworkReady",
          status: false,
          reason: "NetworkPluginNotReady",
          message: "the node has no podCIDR yet",
        },
  ];
}
