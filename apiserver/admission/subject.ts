import type { KubeObject } from "../../apimachinery/meta.js";
import type { ResourceDefinition } from "../../apimachinery/resource.js";
import { forbidden, type StatusError } from "../../apimachinery/status.js";
import type { AdmissionRequest } from "./admission.js";

/** The object asked about, typed, if it is of this kind and this subresource is meant (none, unless said). */
export const objectOf = <T extends KubeObject>(
  request: AdmissionRequest,
  definition: ResourceDefinition<T>,
  subresource = "",
): T | undefined => (isFor(request, definition, subresource) ? (request.object as T | undefined) : undefined);

/** Its state before, likewise. */
export const oldObjectOf = <T extends KubeObject>(
  request: AdmissionRequest,
  definition: ResourceDefinition<T>,
  subresource = "",
): T | undefined => (isFor(request, definition, subresource) ? (request.oldObject as T | undefined) : undefined);

/** Compared by name: a definition may be made again at run time. */
export const isFor = <T extends KubeObject>(
  { definition: asked, subresource }: AdmissionRequest,
  definition: ResourceDefinition<T>,
  wanted = "",
): boolean => asked.group === definition.group && asked.plural === definition.plural && subresource === wanted;

/** 403 about the object; before it has a name it goes by what its name will start with. */
export function refusal({ definition, name, object }: AdmissionRequest, why: string): StatusError {
  const shown = name !== "" ? name : (object?.metadata.name ?? object?.metadata.generateName ?? "");
  return forbidden(definition, shown, why);
}
