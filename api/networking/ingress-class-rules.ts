import { domainPrefixedPath, pathSegment } from "../../apimachinery/names.js";
import { forbidden, invalidFor, required, tooLong } from "../../apimachinery/schema/field-error.js";
import type { FieldError } from "../../apimachinery/schema/schema.js";
import type { IngressClassParametersReference, IngressClassSpec } from "./ingress-class.js";

const controllerMaxCharacters = 250;

export function ingressClassRules({ controller = "", parameters }: IngressClassSpec): FieldError[] {
  const errors: FieldError[] = [];
  if (controller === "") errors.push(required("controller"));
  else errors.push(...invalidFor("controller", controller, domainPrefixedPath(controller)));
  if (controller.length > controllerMaxCharacters) errors.push(tooLong("controller", controllerMaxCharacters));
  if (!parameters) return errors;
  const { scope, namespace, kind, name } = parameters;
  errors.push(
    ...invalidFor("parameters.kind", kind, pathSegment(kind)),
    ...invalidFor("parameters.name", name, pathSegment(name)),
  );
  if (scope === "Namespace" && namespace === undefined)
    errors.push(required("parameters.namespace", "`parameters.scope` is set to 'Namespace'"));
  if (scope === "Cluster" && namespace !== undefined)
    errors.push(forbidden("parameters.namespace", "`parameters.scope` is set to 'Cluster'"));
  return errors;
}

/** `IngressParameters.k8s.example.com/external` */
export function parametersText(parameters: IngressClassParametersReference | undefined): string | undefined {
  if (!parameters) return undefined;
  const { kind, apiGroup, name } = parameters;
  return `${apiGroup === undefined ? kind : `${kind}.${apiGroup}`}/${name}`;
}
