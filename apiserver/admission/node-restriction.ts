import { leases } from "../../api/coordination/lease.js";
import { nodes } from "../../api/core/node/node.js";
import { isMirrorPod, mirrorAnnotation } from "../../api/core/pod/mirror-pod.js";
import { pods } from "../../api/core/pod/pod.js";
import { serviceAccounts } from "../../api/core/service-account.js";
import { equal } from "../../base/equal.js";
import { nodeNameOf } from "../authz/node-identity.js";
import { podReferences } from "../authz/pod-references.js";
import type { Reads } from "../registry/reads.js";
import type { AdmissionPlugin, AdmissionRequest } from "./admission.js";
import { changedNodeLabels, forbiddenLabel } from "./node-labels.js";
import { isFor, objectOf, oldObjectOf, refusal } from "./subject.js";
import { boundPodOf } from "./token-binding.js";

/** A node's agent writes only what is its node's own. */
export const nodeRestriction: AdmissionPlugin = {
  name: "NodeRestriction",
  handles: ({ user, operation }) => operation !== "CONNECT" && nodeNameOf(user) !== undefined,
  async validate(request, reads) {
    const node = nodeNameOf(request.user) ?? "";
    const rule = rules.find(([concerns]) => concerns(request))?.[1];
    await rule?.(request, node, reads);
  },
};

type Rule = (request: AdmissionRequest, node: string, reads: Reads) => void | Promise<void>;

const rules: readonly (readonly [(request: AdmissionRequest) => boolean, Rule])[] = [
  [(request) => isFor(request, pods), checkPod],
  [(request) => isFor(request, pods, "status"), checkPodStatus],
  [(request) => isFor(request, pods, "eviction"), checkEviction],
  [(request) => isFor(request, nodes) || isFor(request, nodes, "status"), checkNode],
  [(request) => isFor(request, leases), checkLease],
  [(request) => isFor(request, serviceAccounts, "token"), checkToken],
];

function checkPod(request: AdmissionRequest, node: string, reads: Reads): void {
  const quoted = JSON.stringify(node);
  checkOwnPod(request.operation.toLowerCase())(request, node, reads);
  if (request.operation === "UPDATE") throw refusal(request, `node ${quoted} cannot update pods`);
  const pod = objectOf(request, pods);
  if (!pod) return;
  if (!isMirrorPod(pod))
    throw refusal(
      request,
      `pod does not have ${JSON.stringify(mirrorAnnotation)} annotation, node ${quoted} can only create mirror pods`,
    );
  if (pod.spec.nodeName !== node)
    throw refusal(request, `node ${quoted} can only create pods with spec.nodeName set to itself`);
  for (const owner of pod.metadata.ownerReferences ?? [])
    if (owner.apiVersion !== "v1" || owner.kind !== "Node" || owner.name !== node)
      throw refusal(request, `node ${quoted} can only create pods with an owner reference set to itself`);
  const { secrets, configMaps, serviceAccount } = podReferences(pod);
  if (serviceAccount !== "")
    throw refusal(request, `node ${quoted} can not create pods that reference a service account`);
  if (secrets.size > 0) throw refusal(request, `node ${quoted} can not create pods that reference secrets`);
  if (configMaps.size > 0) throw refusal(request, `node ${quoted} can not create pods that reference configmaps`);
  if (pod.spec.volumes?.some(({ persistentVolumeClaim }) => persistentVolumeClaim))
    throw refusal(request, `node ${quoted} can not create pods that reference persistentvolumeclaims`);
}

function checkOwnPod(verb: string): (request: AdmissionRequest, node: string, reads: Reads) => void {
  return (request, node, reads) => {
    const pod = request.operation === "CREATE" ? undefined : reads.get(pods, request.namespace, request.name);
    if (pod && pod.spec.nodeName !== node)
      throw refusal(request, `node ${JSON.stringify(node)} can only ${verb} pods with spec.nodeName set to itself`);
  };
}

function checkEviction(request: AdmissionRequest, node: string, reads: Reads): void {
  const pod = reads.get(pods, request.namespace, request.name);
  if (pod && pod.spec.nodeName !== node)
    throw refusal(request, `node ${JSON.stringify(node)} can only evict pods with spec.nodeName set to itself`);
}

function checkPodStatus(request: AdmissionRequest, node: string, reads: Reads): void {
  const { object, oldObject } = request;
  checkOwnPod("update pod status for")(request, node, reads);
  if (object && oldObject && !equal(object.metadata.labels, oldObject.metadata.labels))
    throw refusal(request, `node ${JSON.stringify(node)} cannot update labels through pod status`);
}

function checkNode(request: AdmissionRequest, node: string): void {
  const quoted = JSON.stringify(node);
  const name = request.name !== "" ? request.name : (request.object?.metadata.name ?? "");
  if (name !== node) throw refusal(request, `node ${quoted} is not allowed to modify node ${JSON.stringify(name)}`);
  if (request.operation === "DELETE") throw refusal(request, `node ${quoted} is not allowed to delete itself`);
  const object = objectOf(request, nodes, request.subresource);
  if (!object) return;
  const old = oldObjectOf(request, nodes, request.subresource);
  if (old && !equal(old.spec.taints ?? [], object.spec.taints ?? []))
    throw refusal(request, `node ${quoted} is not allowed to modify taints`);
  if (old && !equal(old.metadata.ownerReferences ?? [], object.metadata.ownerReferences ?? []))
    throw refusal(request, `node ${quoted} is not allowed to modify ownerReferences`);
  const labels = changedNodeLabels(old?.metadata.labels ?? {}, object.metadata.labels ?? {}).filter(forbiddenLabel);
  if (labels.length > 0)
    throw refusal(
      request,
      `is not allowed to ${old ? "modify" : "set the following"} labels: ${labels.sort().join(", ")}`,
    );
}

function checkLease(request: AdmissionRequest, node: string): void {
  const name = request.name !== "" ? request.name : (request.object?.metadata.name ?? "");
  if (request.namespace !== "kube-node-lease")
    throw refusal(request, 'can only access leases in the "kube-node-lease" system namespace');
  if (name !== node) throw refusal(request, "can only access node lease with the same name as the requesting node");
}

async function checkToken(request: AdmissionRequest, node: string, reads: Reads): Promise<void> {
  const bound = boundPodOf(request.object);
  if (!bound) throw refusal(request, "node requested token not bound to a pod");
  if (bound.uid === "") throw refusal(request, "node requested token with a pod binding without a uid");
  const cached = reads.get(pods, request.namespace, bound.name);
  const pod = cached?.metadata.uid === bound.uid ? cached : await reads.getFresh(pods, request.namespace, bound.name);
  if (!pod) throw refusal(request, `pod ${JSON.stringify(bound.name)} not found`);
  if (pod.metadata.uid !== bound.uid)
    throw refusal(request, `the UID in the bound object reference (${bound.uid}) does not match the UID in record`);
  if (pod.spec.nodeName !== node)
    throw refusal(request, "node requested token bound to a pod scheduled on a different node");
}
