import { ageColumn, defineResource, nameColumn, type ObjectOf } from "../../apimachinery/resource.js";
import { boolean, list, optional, ref } from "../../apimachinery/schema/schema.js";
import { type LocalObjectReference, localObjectReference, type ObjectReference, objectReference } from "./reference.js";

/** The identity that pods have towards the API. */
export const serviceAccounts = defineResource({
  group: "",
  version: "v1",
  kind: "ServiceAccount",
  plural: "serviceaccounts",
  shortNames: ["sa"],
  scope: "Namespaced",
  fields: {
    /** False keeps the token out of its pods; a pod's own field wins. True where absent. */
    automountServiceAccountToken: optional(boolean()),
    /** Secrets with which its pods fetch images. */
    imagePullSecrets: optional(list(ref<LocalObjectReference>(() => localObjectReference))),
    /** Secrets that its pods may use, where that is enforced. */
    secrets: optional(
      list(
        ref<ObjectReference>(() => objectReference),
        { mapKeys: ["name"], mergeKey: "name" },
      ),
    ),
  },
  subresources: { others: { token: ["create"] } },
  columns: [nameColumn, { name: "Secrets", cell: ({ secrets = [] }) => secrets.length }, ageColumn],
});
export interface ServiceAccount extends ObjectOf<typeof serviceAccounts> {}
