import {
  type CertificateSigningRequest,
  type CertificateSigningRequestStatus,
  certificateSigningRequests,
} from "../../../api/certificates/certificate-signing-request.js";
import type { Answer, RequestContext } from "../../request.js";
import { checkAddress, readObject } from "../body.js";
import { patchQuery, readPatch } from "../patch-body.js";
import { writeQuery } from "../query.js";
import type { SubresourceApi } from "../subresources.js";
import { get } from "../verbs/get.js";

type Next = (current: CertificateSigningRequest) => CertificateSigningRequest | Promise<CertificateSigningRequest>;

/** certificatesigningrequests/NAME/approval: decides a request by its conditions; nothing else of it changes. */
export async function decideSigningRequest(context: RequestContext, api: SubresourceApi): Promise<Answer> {
  const { registry, target } = api;
  const { method } = context.request;
  if (method === "GET") return get(context, target, api);
  const { options, fieldValidation } = method === "PATCH" ? patchQuery(context) : writeQuery(context, "UpdateOptions");
  const next =
    method === "PATCH"
      ? await readPatch(context, certificateSigningRequests, fieldValidation)
      : await readWhole(context, api, fieldValidation);
  const address = { namespace: "", name: target.name };
  const change = {
    subresource: "approval",
    part: "status" as const,
    next: async (current: CertificateSigningRequest) => decided(current, await next(current)),
  };
  const { revision } = await registry.update(certificateSigningRequests, address, change, options);
  return { type: "object", status: 200, revision };
}

async function readWhole(
  context: RequestContext,
  { target }: SubresourceApi,
  fieldValidation: ReturnType<typeof writeQuery>["fieldValidation"],
): Promise<Next> {
  const wanted = await readObject(context, certificateSigningRequests, fieldValidation);
  checkAddress(certificateSigningRequests, wanted, target);
  return () => wanted;
}

/** Whatever version the caller saw is what the registry compares. */
function decided(current: CertificateSigningRequest, wanted: CertificateSigningRequest): CertificateSigningRequest {
  const { conditions: _, ...rest } = current.status ?? {};
  const conditions = wanted.status?.conditions;
  const status: CertificateSigningRequestStatus = { ...rest, ...(conditions ? { conditions } : {}) };
  return { ...wanted, status };
}
