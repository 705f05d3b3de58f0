import { dnsSubdomain } from "../../apimachinery/names.js";
import { duplicates, invalid, invalidFor, notSupported, required } from "../../apimachinery/schema/field-error.js";
import type { FieldError } from "../../apimachinery/schema/schema.js";
import type { RuleWithOperations, ValidatingWebhook, WebhookClientConfig } from "./webhook.js";

const segmentsOfName = 3;
const maxTimeoutSeconds = 30;
const knownVersions = ["v1", "v1beta1"];

type Webhook = Pick<ValidatingWebhook, "name" | "admissionReviewVersions" | "timeoutSeconds">;

export function webhookRules({ name, admissionReviewVersions, timeoutSeconds }: Webhook): FieldError[] {
  const errors = invalidFor("name", name, qualifiedNameErrors(name));
  if (timeoutSeconds < 1 || timeoutSeconds > maxTimeoutSeconds)
    errors.push(invalid("timeoutSeconds", timeoutSeconds, "the timeout value must be between 1 and 30 seconds"));
  if (admissionReviewVersions.length === 0)
    errors.push(required("admissionReviewVersions", `must specify one of ${knownVersions.join(", ")}`));
  else if (!admissionReviewVersions.some((version) => knownVersions.includes(version)))
    errors.push(
      invalid(
        "admissionReviewVersions",
        admissionReviewVersions,
        `must include at least one of ${knownVersions.join(", ")}`,
      ),
    );
  return errors;
}

function qualifiedNameErrors(name: string): readonly string[] {
  const errors = dnsSubdomain(name);
  return errors.length === 0 && name.split(".").length < segmentsOfName
    ? ["should be a domain with at least three segments separated by dots"]
    : errors;
}

export const webhookNameErrors = (webhooks: readonly Pick<Webhook, "name">[]): FieldError[] =>
  duplicates(
    webhooks,
    ({ name }) => name,
    (index) => `webhooks[${index}].name`,
  );

export function clientConfigRules({ url, service }: WebhookClientConfig): FieldError[] {
  if ((url === undefined) === (service === undefined))
    return [required("", "exactly one of url or service is required")];
  if (url !== undefined) return invalidFor("url", url, urlErrors(url));
  const { path } = service ?? {};
  return path === undefined || path.startsWith("/") ? [] : [invalid("service.path", path, "must start with a '/'")];
}

const wantedUrl = "desired format: https://host[/path]";

function urlErrors(text: string): readonly string[] {
  if (!URL.canParse(text)) return [`url must be a valid URL: ${wantedUrl}`];
  const { protocol, host, username, password, hash, search } = new URL(text);
  const errors: string[] = [];
  if (protocol !== "https:") errors.push(`'https' is the only allowed URL scheme; ${wantedUrl}`);
  if (host === "") errors.push(`host must be specified; ${wantedUrl}`);
  if (username !== "" || password !== "") errors.push("user information is not permitted in the URL");
  if (hash !== "") errors.push("fragments are not permitted in the URL");
  if (search !== "") errors.push("query parameters are not permitted in the URL");
  return errors;
}

const operationNames = ["*", "CONNECT", "CREATE", "DELETE", "UPDATE"];

export function operationRules({
  operations = [],
  apiGroups = [],
  apiVersions = [],
  resources = [],
}: RuleWithOperations): FieldError[] {
  const errors: FieldError[] = [];
  for (const [field, values] of Object.entries({ apiGroups, apiVersions, resources })) {
    if (values.length === 0) errors.push(required(field));
    if (field !== "resources" && values.length > 1 && values.includes("*"))
      errors.push(invalid(field, values, `if '*' is present, must not specify other ${wildcardNames[field] ?? field}`));
  }
  if (operations.length === 0) errors.push(required("operations"));
  if (operations.length > 1 && operations.includes("*"))
    errors.push(invalid("operations", operations, "if '*' is present, must not specify other operations"));
  for (const [index, operation] of operations.entries())
    if (!operationNames.includes(operation))
      errors.push(notSupported(`operations[${index}]`, operation, operationNames));
  return errors;
}

const wildcardNames: Readonly<Record<string, string>> = { apiGroups: "API groups", apiVersions: "API versions" };
