import { type Binding, bindings } from "../../../api/core/binding.js";
import { withCondition } from "../../../api/core/pod/conditions.js";
import { type Pod, pods } from "../../../api/core/pod/pod.js";
import type { KubeObject } from "../../../apimachinery/meta.js";
import type { FieldError } from "../../../apimachinery/schema/schema.js";
import { conflict, invalid, type Status } from "../../../apimachinery/status.js";
import { validateObject } from "../../../apimachinery/validate-object.js";
import { toTime } from "../../../base/clock.js";
import type { Answer, RequestContext } from "../../request.js";
import { checkAddress, readObject } from "../body.js";
import { writeQuery } from "../query.js";
import type { SubresourceApi } from "../subresources.js";
import type { EndpointApi } from "../target.js";

/** POST pods/NAME/binding: puts the pod on a node, once. */
export async function bindPod(context: RequestContext, api: SubresourceApi): Promise<Answer> {
  const { fieldValidation } = writeQuery(context, "CreateOptions");
  const binding = await readObject(context, bindings, fieldValidation);
  checkAddress(bindings, binding, api.target);
  return bind(context, api, binding, api.target.namespace, api.target.name);
}

/** POST bindings: the same, the pod named by the object. */
export function bindByName(context: RequestContext, object: KubeObject, api: EndpointApi): Promise<Answer> {
  const { name, namespace = "" } = object.metadata;
  return bind(context, api, object as Binding, namespace, name);
}

async function bind(
  context: RequestContext,
  { registry, clock }: EndpointApi,
  binding: Binding,
  namespace: string,
  name: string,
): Promise<Answer> {
  const { options } = writeQuery(context, "CreateOptions");
  const errors = bindingErrors(binding);
  if (errors.length > 0) throw invalid(bindings, name, errors);
  const { user, dryRun = false, warn = () => {} } = options;
  const write = { operation: "CREATE" as const, definition: pods, subresource: "binding", namespace, name };
  const request = { ...write, object: binding, oldObject: undefined, user, dryRun, warn };
  await registry.admission.mutate(request);
  await registry.admission.validate(request);
  const now = toTime(clock.now());
  const next = (pod: Pod): Pod => bound(pod, binding, now);
  await registry.update(pods, { namespace, name }, { subresource: "binding", part: "trusted", next }, options);
  return { type: "value", status: 201, value: success };
}

export const success: Status = { kind: "Status", apiVersion: "v1", metadata: {}, status: "Success" };

function bound(pod: Pod, { metadata, target }: Binding, now: string): Pod {
  const refuse = (why: string): never => {
    throw conflict({ group: "", plural: "pods/binding" }, pod.metadata.name, why);
  };
  const { name, uid, deletionTimestamp, annotations } = pod.metadata;
  if (metadata.uid && metadata.uid !== uid)
    refuse(`Precondition failed: UID in precondition: ${metadata.uid}, UID in object meta: ${uid}`);
  if (metadata.resourceVersion && metadata.resourceVersion !== pod.metadata.resourceVersion)
    refuse("the object has been modified; please apply your changes to the latest version and try again");
  if (deletionTimestamp !== undefined) refuse(`pod ${name} is being deleted, cannot be assigned to a host`);
  if (pod.spec.nodeName) refuse(`pod ${name} is already assigned to node ${JSON.stringify(pod.spec.nodeName)}`);
  if ((pod.spec.schedulingGates ?? []).length > 0) refuse(`pod ${name} has non-empty .spec.schedulingGates`);
  const condition = { type: "PodScheduled", status: "True" as const };
  const merged = metadata.annotations ? { ...annotations, ...metadata.annotations } : annotations;
  return {
    ...pod,
    metadata: { ...pod.metadata, ...(merged ? { annotations: merged } : {}) },
    spec: { ...pod.spec, nodeName: target.name ?? "" },
    status: {
      phase: "Pending",
      ...pod.status,
      conditions: withCondition(pod.status?.conditions ?? [], condition, now),
    },
  };
}

function bindingErrors(binding: Binding): FieldError[] {
  const { kind, name } = binding.target;
  const errors = validateObject(bindings, binding, undefined).filter(({ path }) => !path.startsWith("metadata"));
  if (kind && kind !== "Node")
    errors.push({ path: "target.kind", reason: "NotSupported", value: kind, message: 'supported values: "Node"' });
  if (!name) errors.push({ path: "target.name", reason: "Required", message: "" });
  return errors;
}
