import type { TokenRequest } from "../../api/authentication/token-request.js";
import type { KubeObject } from "../../apimachinery/meta.js";

/** The pod that a TokenRequest is bound to; uid "" where it gives none. */
export function boundPodOf(
  object: KubeObject | undefined,
): { readonly name: string; readonly uid: string } | undefined {
  if (object?.kind !== "TokenRequest") return undefined;
  const { boundObjectRef: bound } = (object as TokenRequest).spec;
  if (bound?.kind !== "Pod" || bound.apiVersion !== "v1" || !bound.name) return undefined;
  return { name: bound.name, uid: bound.uid ?? "" };
}
