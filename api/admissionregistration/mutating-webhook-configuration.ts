import { ageColumn, defineResource, nameColumn, type ObjectOf } from "../../apimachinery/resource.js";
import { list, optional, ref } from "../../apimachinery/schema/schema.js";
import { type MutatingWebhook, mutatingWebhook } from "./webhook.js";
import { webhookNameErrors } from "./webhook-rules.js";

/** Lists web services that are asked to change writes before they happen. */
export const mutatingWebhookConfigurations = defineResource({
  group: "admissionregistration.k8s.io",
  version: "v1",
  kind: "MutatingWebhookConfiguration",
  plural: "mutatingwebhookconfigurations",
  categories: ["api-extensions"],
  scope: "Cluster",
  allowUnconditionalUpdate: false,
  fields: {
    /** Called one after another, in this order; each name once. */
    webhooks: optional(
      list(
        ref<MutatingWebhook>(() => mutatingWebhook),
        { mapKeys: ["name"], mergeKey: "name" },
      ),
    ),
  },
  notBuilt: "effect",
  countsGeneration: true,
  validate: ({ webhooks = [] }) => webhookNameErrors(webhooks),
  columns: [nameColumn, { name: "Webhooks", type: "integer", cell: ({ webhooks = [] }) => webhooks.length }, ageColumn],
});
export interface MutatingWebhookConfiguration extends ObjectOf<typeof mutatingWebhookConfigurations> {}
