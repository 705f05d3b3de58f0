/** Field numbers of every definition of Kubernetes' stable groups, by package: public facts of the API's .proto files. */
import { admissionregistration, authentication, authorization, certificates, flowcontrol, rbac } from "./access.js";
import { core } from "./core.js";
import {
  apiregistration,
  coordination,
  discovery,
  events,
  networking,
  node,
  resource,
  storage,
} from "./infrastructure.js";
import { machinery } from "./machinery.js";
import { apps, autoscaling, autoscalingV2, batch, policy, scheduling } from "./workloads.js";

/** Package to its definitions, each with its fields. */
export const fieldNumbers: Readonly<Record<string, string>> = {
  "io.k8s.apimachinery.pkg.apis.meta.v1": machinery,
  "io.k8s.api.core.v1": core,
  "io.k8s.api.apps.v1": apps,
  "io.k8s.api.batch.v1": batch,
  "io.k8s.api.autoscaling.v1": autoscaling,
  "io.k8s.api.autoscaling.v2": autoscalingV2,
  "io.k8s.api.policy.v1": policy,
  "io.k8s.api.scheduling.v1": scheduling,
  "io.k8s.api.authentication.v1": authentication,
  "io.k8s.api.authorization.v1": authorization,
  "io.k8s.api.certificates.v1": certificates,
  "io.k8s.api.rbac.v1": rbac,
  "io.k8s.api.admissionregistration.v1": admissionregistration,
  "io.k8s.api.flowcontrol.v1": flowcontrol,
  "io.k8s.api.coordination.v1": coordination,
  "io.k8s.api.discovery.v1": discovery,
  "io.k8s.api.events.v1": events,
  "io.k8s.api.networking.v1": networking,
  "io.k8s.api.node.v1": node,
  "io.k8s.api.resource.v1": resource,
  "io.k8s.api.storage.v1": storage,
  "io.k8s.kube-aggregator.pkg.apis.apiregistration.v1": apiregistration,
};
