import { type Namespace, namespaces } from "../../../api/core/namespace.js";
import type { Answer, RequestContext } from "../../request.js";
import { checkAddress, readObject } from "../body.js";
import { writeQuery } from "../query.js";
import type { SubresourceApi } from "../subresources.js";

/** PUT namespaces/NAME/finalize: sets spec.finalizers, which ordinary writes leave alone. The last one gone, so is the namespace. */
export async function finalizeNamespace(
  context: RequestContext,
  { registry, target }: SubresourceApi,
): Promise<Answer> {
  const { options, fieldValidation } = writeQuery(context, "UpdateOptions");
  const wanted = await readObject(context, namespaces, fieldValidation);
  checkAddress(namespaces, wanted, target);
  const { resourceVersion, uid } = wanted.metadata;
  const next = (current: Namespace): Namespace => {
    const { finalizers: _, ...spec } = current.spec;
    const finalizers = wanted.spec.finalizers ?? [];
    return {
      ...current,
      // Whatever version the caller saw is what the registry compares.
      metadata: {
        ...current.metadata,
        ...(resourceVersion ? { resourceVersion } : {}),
        ...(uid ? { uid } : {}),
      },
      spec: finalizers.length > 0 ? { ...spec, finalizers } : spec,
    };
  };
  const change = { subresource: "finalize", part: "trusted" as const, next };
  const { revision } = await registry.update(namespaces, { namespace: "", name: target.name }, change, options);
  return { type: "object", status: 200, revision };
}
