import { cells, errorsOf, read } from "../kind.test-kit.js";
import { mutatingWebhookConfigurations } from "./mutating-webhook-configuration.js";
import { validatingAdmissionPolicies } from "./validating-admission-policy.js";
import { validatingAdmissionPolicyBindings } from "./validating-admission-policy-binding.js";
import { validatingWebhookConfigurations } from "./validating-webhook-configuration.js";

const rule = { operations: ["CREATE"], apiGroups: [""], apiVersions: ["v1"], resources: ["pods"] };
const webhook = (more: object = {}): object => ({
  name: "check.acme.io",
  admissionReviewVersions: ["v1"],
  sideEffects: "None",
  clientConfig: { service: { namespace: "default", name: "hook" } },
  rules: [rule],
  ...more,
});
const configuration = (...webhooks: object[]): object => ({ webhooks });
const at = "webhooks[0]";

describe("webhook configurations", () => {
  it("fail, wait ten seconds and see all versions unless told otherwise", () => {
    expect(read(mutatingWebhookConfigurations, configuration(webhook())).webhooks?.[0]).toMatchObject({
      failurePolicy: "Fail",
      matchPolicy: "Equivalent",
      timeoutSeconds: 10,
      reinvocationPolicy: "Never",
      namespaceSelector: {},
      objectSelector: {},
      rules: [{ scope: "*" }],
      clientConfig: { service: { port: 443 } },
    });
  });

  it.each<[string, object, readonly string[]]>([
    ["a good one", webhook(), []],
    [
      "a short name",
      webhook({ name: "check" }),
      [`${at}.name: Invalid value: "check": should be a domain with at least three segments separated by dots`],
    ],
    [
      "nowhere to call",
      webhook({ clientConfig: {} }),
      [`${at}.clientConfig: Required value: exactly one of url or service is required`],
    ],
    [
      "in the clear",
      webhook({ clientConfig: { url: "http://a.io" } }),
      [
        `${at}.clientConfig.url: Invalid value: "http://a.io": 'https' is the only allowed URL scheme; desired format: https://host[/path]`,
      ],
    ],
    ["no word on side effects", webhook({ sideEffects: undefined }), [`${at}.sideEffects: Required value`]],
    [
      "an unknown operation",
      webhook({ rules: [{ ...rule, operations: ["READ"] }] }),
      [
        `${at}.rules[0].operations[0]: Unsupported value: "READ": supported values: "*", "CONNECT", "CREATE", "DELETE", "UPDATE"`,
      ],
    ],
    [
      "too long a wait",
      webhook({ timeoutSeconds: 31 }),
      [`${at}.timeoutSeconds: Invalid value: 31: the timeout value must be between 1 and 30 seconds`],
    ],
  ])("%s", (_, draft, expected) => {
    expect(errorsOf(validatingWebhookConfigurations, configuration(draft))).toEqual(expected);
  });

  it("name each webhook once, and show how many there are", () => {
    const twice = configuration(webhook(), webhook());
    expect(errorsOf(validatingWebhookConfigurations, twice)).toEqual([
      'webhooks[1].name: Duplicate value: "check.acme.io"',
    ]);
    expect(cells(validatingWebhookConfigurations, twice).Webhooks).toBe(2);
  });
});

describe("admission policies", () => {
  const policy = (spec: object = {}): object => ({
    spec: { matchConstraints: { resourceRules: [rule] }, validations: [{ expression: "true" }], ...spec },
  });

  it("check something about some writes", () => {
    expect(errorsOf(validatingAdmissionPolicies, policy())).toEqual([]);
    expect(errorsOf(validatingAdmissionPolicies, { spec: {} })).toEqual([
      "spec.validations: Required value: validations or auditAnnotations must contain at least one item",
      "spec.auditAnnotations: Required value: validations or auditAnnotations must contain at least one item",
      "spec.matchConstraints: Required value",
    ]);
    expect(cells(validatingAdmissionPolicies, policy())).toMatchObject({ Validations: 1, ParamKind: "<unset>" });
  });

  it("hold where a binding says so", () => {
    const binding = (spec: object): object => ({ spec: { policyName: "p", validationActions: ["Deny"], ...spec } });
    expect(errorsOf(validatingAdmissionPolicyBindings, binding({}))).toEqual([]);
    expect(errorsOf(validatingAdmissionPolicyBindings, binding({ validationActions: ["Deny", "Warn"] }))).toHaveLength(
      1,
    );
    const paramRef = { namespace: "a", name: "b" };
    expect(cells(validatingAdmissionPolicyBindings, binding({ paramRef })).ParamRef).toBe("a/b");
  });
});
