import {
  type CertificateSigningRequest,
  certificateSigningRequests,
} from "../../api/certificates/certificate-signing-request.js";
import type { Authorizer } from "../authz/authorizer.js";
import type { AdmissionPlugin, AdmissionRequest } from "./admission.js";
import { objectOf, oldObjectOf, refusal } from "./subject.js";

/**
 * Requests for certificates say who asks, whatever their author wrote; they are decided by those who may `approve` and
 * get their certificate from those who may `sign` for the signer.
 * https://kubernetes.io/docs/reference/access-authn-authz/certificate-signing-requests/
 */
export const certificateSigning = (authorizer: Authorizer): AdmissionPlugin => ({
  name: "CertificateSigning",
  handles: ({ definition, operation }) =>
    definition.group === certificateSigningRequests.group &&
    definition.plural === certificateSigningRequests.plural &&
    (operation === "CREATE" || operation === "UPDATE"),
  mutate(request) {
    const asked = objectOf(request, certificateSigningRequests);
    return asked && request.operation === "CREATE" ? withRequester(asked, request) : request.object;
  },
  validate(request) {
    const decided = objectOf(request, certificateSigningRequests, "approval");
    if (decided) check(request, "approve", decided.spec.signerName, authorizer);
    const signed = objectOf(request, certificateSigningRequests, "status");
    const before = oldObjectOf(request, certificateSigningRequests, "status");
    if (signed && signed.status?.certificate !== before?.status?.certificate)
      check(request, "sign", signed.spec.signerName, authorizer);
  },
});

function withRequester(
  asked: CertificateSigningRequest,
  { user: { name, uid, groups, extra } }: AdmissionRequest,
): CertificateSigningRequest {
  const { username: _name, uid: _uid, groups: _groups, extra: _extra, ...spec } = asked.spec;
  return {
    ...asked,
    spec: {
      ...spec,
      username: name,
      ...(uid === "" ? {} : { uid }),
      groups,
      ...(Object.keys(extra).length === 0 ? {} : { extra }),
    },
  };
}

/** One may have the right for one signer, or for all of a domain. */
function check(request: AdmissionRequest, verb: "approve" | "sign", signer: string, authorizer: Authorizer): void {
  const { group, version } = certificateSigningRequests;
  const names = [signer, `${signer.split("/", 1)[0]}/*`];
  const allowed = names.some(
    (name) =>
      authorizer.authorize({
        user: request.user,
        verb,
        path: "",
        resource: { group, version, plural: "signers", subresource: "", namespace: "", name, fields: new Map() },
      }).allowed,
  );
  if (!allowed)
    throw refusal(request, `user not permitted to ${verb} requests with signerName ${JSON.stringify(signer)}`);
}
