import { ageColumn, defineResource, nameColumn, type ObjectOf } from "../../apimachinery/resource.js";
import { addRules, type Infer, object, oneOf, optional, ref, string } from "../../apimachinery/schema/schema.js";
import { ingressClassRules, parametersText } from "./ingress-class-rules.js";

/** Which controller serves the class, and what it is told. */
export const ingressClassSpec = object("IngressClassSpec", {
  /** Who serves ingresses of this class, as a name with a domain: `example.com/proxy`; never changes. */
  controller: optional(string()),
  /** An object with more settings for the controller. */
  parameters: optional(ref<IngressClassParametersReference>(() => ingressClassParametersReference)),
});
export interface IngressClassSpec extends Infer<typeof ingressClassSpec> {}
addRules(ingressClassSpec, { validate: ingressClassRules });

/** The object that configures an ingress controller. */
export const ingressClassParametersReference = object("IngressClassParametersReference", {
  /** Name of the object with the settings. */
  name: string({ nonEmpty: true }),
  /** Kind of the object. */
  kind: string({ nonEmpty: true }),
  /** Group of the kind; absent means the core group. */
  apiGroup: optional(string()),
  /** Where the object is; needed with scope Namespace, refused with Cluster. */
  namespace: optional(string()),
  /** Whether the object is cluster-wide (Cluster, the default) or in a namespace (Namespace). */
  scope: oneOf(["Cluster", "Namespace"], { default: "Cluster" }),
});
export interface IngressClassParametersReference extends Infer<typeof ingressClassParametersReference> {}

/** Names the controller that serves ingresses of this class. */
export const ingressClasses = defineResource({
  group: "networking.k8s.io",
  version: "v1",
  kind: "IngressClass",
  plural: "ingressclasses",
  scope: "Cluster",
  spec: ingressClassSpec,
  notBuilt: "effect",
  immutable: ["spec.controller"],
  columns: [
    nameColumn,
    { name: "Controller", cell: ({ spec }) => spec.controller },
    { name: "Parameters", cell: ({ spec }) => parametersText(spec.parameters) },
    ageColumn,
  ],
});
export interface IngressClass extends ObjectOf<typeof ingressClasses> {}
