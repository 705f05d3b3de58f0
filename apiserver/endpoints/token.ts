import { type TokenRequest, tokenRequests } from "../../api/authentication/token-request.js";
import { nodes } from "../../api/core/node/node.js";
import { pods } from "../../api/core/pod/pod.js";
import { secrets } from "../../api/core/secret.js";
import { type ServiceAccount, serviceAccounts } from "../../api/core/service-account.js";
import type { KubeObject } from "../../apimachinery/meta.js";
import type { ResourceDefinition } from "../../apimachinery/resource.js";
import type { FieldError } from "../../apimachinery/schema/schema.js";
import { badRequest, conflict, invalid, type StatusError } from "../../apimachinery/status.js";
import { toTime } from "../../base/clock.js";
import type { Admission } from "../admission/admission.js";
import type { BoundObject, TokenKeys } from "../authn/service-account-token.js";
import type { Answer } from "../request.js";
import { readObject } from "./body.js";
import { writeQuery } from "./query.js";
import type { SubresourceApi, SubresourceEndpoint } from "./subresources.js";

export interface TokenOptions {
  readonly keys: TokenKeys;
  readonly admission: () => Admission;
}

/** Issues a token for a service account, bound to its life and, where asked, to that of a pod, secret or node. */
export const tokenEndpoint = ({ keys, admission }: TokenOptions): SubresourceEndpoint => ({
  resource: "serviceaccounts",
  name: "token",
  methods: ["POST"],
  async handle(context, api): Promise<Answer> {
    const { fieldValidation, options } = writeQuery(context, "CreateOptions");
    const { namespace, name } = api.target;
    const request = await readObject(context, tokenRequests, fieldValidation);
    checkAddress(request, namespace, name);
    const errors = expirationErrors(request);
    if (errors.length > 0) throw invalid(tokenRequests, request.metadata.name ?? "", errors);
    const account = (await api.registry.get(serviceAccounts, { namespace, name })).object;
    const asked = { operation: "CREATE" as const, definition: serviceAccounts, subresource: "token", namespace, name };
    await admission().validate({
      ...asked,
      object: request,
      oldObject: undefined,
      user: context.user,
      dryRun: options.dryRun ?? false,
      warn: context.warn,
    });
    const bound = await boundObject(api, account, request);
    const audiences = request.spec.audiences.length > 0 ? request.spec.audiences : [keys.issuer];
    const { expirationSeconds } = request.spec;
    const holder = { namespace, serviceAccount: { name, uid: account.metadata.uid }, audiences, ...bound };
    const { token, expiresAt } = keys.issue(holder, expirationSeconds);
    const issued = {
      kind: "TokenRequest",
      apiVersion: "authentication.k8s.io/v1",
      metadata: { name, namespace, creationTimestamp: toTime(api.clock.now()) },
      spec: { ...request.spec, audiences },
      status: { token, expirationTimestamp: toTime(expiresAt * 1000) },
    };
    return { type: "value", status: 201, value: issued };
  },
});

const expirationMinSeconds = 600;
const expirationMaxSeconds = 2 ** 32;

function checkAddress({ metadata }: TokenRequest, namespace: string, name: string): void {
  if (metadata.name && metadata.name !== name)
    throw badRequest(`the name of the object (${metadata.name}) does not match the name on the URL (${name})`);
  if (metadata.namespace && metadata.namespace !== namespace)
    throw badRequest("the namespace of the provided object does not match the namespace sent on the request");
}

function expirationErrors({ spec: { expirationSeconds: value } }: TokenRequest): FieldError[] {
  const path = "spec.expirationSeconds";
  if (value < expirationMinSeconds)
    return [{ path, reason: "Invalid", value, message: "may not specify a duration less than 10 minutes" }];
  if (value > expirationMaxSeconds)
    return [{ path, reason: "Invalid", value, message: "may not specify a duration larger than 2^32 seconds" }];
  return [];
}

/** What the token dies with, beside its service account. */
async function boundObject(
  api: SubresourceApi,
  account: ServiceAccount,
  { spec: { boundObjectRef: ref } }: TokenRequest,
): Promise<{ readonly pod?: BoundObject; readonly secret?: BoundObject; readonly node?: BoundObject }> {
  if (!ref) return {};
  const { namespace = "", name: accountName } = account.metadata;
  const name = ref.name ?? "";
  const find = async <T extends KubeObject>(definition: ResourceDefinition<T>, within: string) => {
    const found = (await api.registry.get(definition, { namespace: within, name })).object;
    if (ref.uid && ref.uid !== found.metadata.uid)
      throw conflict(
        definition,
        name,
        `the UID in the bound object reference (${ref.uid}) does not match the UID in record. The object might have been deleted and then recreated`,
      );
    return { found, named: { name, uid: found.metadata.uid } };
  };
  switch (ref.apiVersion === "v1" ? ref.kind : undefined) {
    case "Pod": {
      const { found, named } = await find(pods, namespace);
      if (found.spec.serviceAccountName !== accountName)
        throw badRequest(
          `cannot bind token for serviceaccount ${JSON.stringify(accountName)} to pod running with different serviceaccount name.`,
        );
      const nodeName = found.spec.nodeName;
      const node = nodeName ? api.registry.reads.get(nodes, "", nodeName) : undefined;
      return { pod: named, ...(node ? { node: { name: node.metadata.name, uid: node.metadata.uid } } : {}) };
    }
    case "Secret":
      return { secret: (await find(secrets, namespace)).named };
    case "Node":
      return { node: (await find(nodes, "")).named };
    default:
      throw unsupportedBinding(ref.apiVersion, ref.kind);
  }
}

const unsupportedBinding = (apiVersion = "", kind = ""): StatusError =>
  badRequest(`cannot bind token to object of type ${apiVersion}, Kind=${kind}`);
