import { clusterRoleAggregation } from "./cluster-role-aggregation.js";
import { deploymentController } from "./deployment/deployment.js";
import { endpointSliceController } from "./endpoints/endpoint-slices.js";
import { endpointsController } from "./endpoints/endpoints.js";
import { endpointSliceMirroring } from "./endpoints/mirroring.js";
import type { Controller } from "./framework/controller.js";
import { garbageCollector } from "./garbage-collector/garbage-collector.js";
import { type NamespaceOptions, namespaceController } from "./namespace.js";
import { type NodeIpamOptions, nodeIpam } from "./node-ipam.js";
import { type NodeLifecycleOptions, nodeLifecycle } from "./node-lifecycle/node-lifecycle.js";
import { taintEviction } from "./node-lifecycle/taint-eviction.js";
import { type PodGcOptions, podGc } from "./pod-gc.js";
import { replicaSetController } from "./replicaset.js";
import { rootCaPublisher } from "./root-ca-publisher.js";
import { serviceAccountController } from "./service-account.js";

/** What a cluster's operator may set; each field is the flag of that name of kube-controller-manager. */
export interface ControllerOptions
  extends NodeLifecycleOptions,
    NamespaceOptions,
    PodGcOptions,
    Omit<NodeIpamOptions, "podCidr"> {
  /** PEM of the certificate by which pods trust the API server. Without it none is published. */
  readonly rootCaCertificate?: string;
  /** The range that nodes share out. Without it nodes get no part. */
  readonly podCidr?: string;
}

/** Every controller, in the order in which they start: the collector last, so that it finds the others' caches. */
export const allControllers = (options: ControllerOptions = {}): readonly Controller[] => [
  serviceAccountController,
  clusterRoleAggregation,
  ...(options.rootCaCertificate === undefined
    ? []
    : [rootCaPublisher({ rootCaCertificate: options.rootCaCertificate })]),
  ...(options.podCidr === undefined ? [] : [nodeIpam({ ...options, podCidr: options.podCidr })]),
  nodeLifecycle(options),
  taintEviction(),
  replicaSetController,
  deploymentController,
  endpointsController,
  endpointSliceController,
  endpointSliceMirroring,
  namespaceController(options),
  podGc(options),
  garbageCollector,
];
