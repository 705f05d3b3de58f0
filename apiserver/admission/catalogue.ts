import type { Clock } from "../../base/clock.js";
import type { Random } from "../../base/random.js";
import type { AdmissionPlugin } from "./admission.js";
import { certificateSigning } from "./certificate-signing.js";
import { type DefaultTolerations, defaultTolerationSeconds } from "./default-toleration-seconds.js";
import { loopbackEndpoints } from "./loopback-endpoints.js";
import { mountableSecrets } from "./mountable-secrets.js";
import { namespaceLifecycle } from "./namespace-lifecycle.js";
import { nodeRestriction } from "./node-restriction.js";
import { priority } from "./priority.js";
import { type EscalationOptions, rbacEscalation } from "./rbac-escalation.js";
import { runtimeClass } from "./runtime-class.js";
import { serviceAccount } from "./service-account.js";
import { taintNodesByCondition } from "./taint-nodes-by-condition.js";

export interface AdmissionOptions extends EscalationOptions {
  readonly clock: Clock;
  readonly random: Random;
  readonly tolerations: DefaultTolerations;
  /** Loopback addresses that pods may have. */
  readonly loopbackCidrs: readonly string[];
}

/** All admission plugins in the order in which they see a write: the only list. */
export const admissionPlugins = (options: AdmissionOptions): readonly AdmissionPlugin[] => [
  namespaceLifecycle,
  serviceAccount(options.clock, options.random),
  mountableSecrets,
  nodeRestriction,
  taintNodesByCondition,
  runtimeClass,
  priority,
  defaultTolerationSeconds(options.tolerations),
  rbacEscalation(options),
  certificateSigning(options.authorizer),
  loopbackEndpoints(options.loopbackCidrs),
];
