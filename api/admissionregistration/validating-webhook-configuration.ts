import { ageColumn, defineResource, nameColumn, type ObjectOf } from "../../apimachinery/resource.js";
import { list, optional, ref } from "../../apimachinery/schema/schema.js";
import { type ValidatingWebhook, validatingWebhook } from "./webhook.js";
import { webhookNameErrors } from "./webhook-rules.js";

/** Lists web services that are asked whether writes may happen. */
export const validatingWebhookConfigurations = defineResource({
  group: "admissionregistration.k8s.io",
  version: "v1",
  kind: "ValidatingWebhookConfiguration",
  plural: "validatingwebhookconfigurations",
  categories: ["api-extensions"],
  scope: "Cluster",
  allowUnconditionalUpdate: false,
  fields: {
    /** Called side by side; one refusal is enough. Each name once. */
    webhooks: optional(
      list(
        ref<ValidatingWebhook>(() => validatingWebhook),
        { mapKeys: ["name"], mergeKey: "name" },
      ),
    ),
  },
  notBuilt: "effect",
  countsGeneration: true,
  validate: ({ webhooks = [] }) => webhookNameErrors(webhooks),
  columns: [nameColumn, { name: "Webhooks", type: "integer", cell: ({ webhooks = [] }) => webhooks.length }, ageColumn],
});
export interface ValidatingWebhookConfiguration extends ObjectOf<typeof validatingWebhookConfigurations> {}
