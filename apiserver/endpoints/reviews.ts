import { selfSubjectReviews } from "../../api/authentication/self-subject-review.js";
import { type TokenReview, tokenReviews, type UserInfo } from "../../api/authentication/token-review.js";
import {
  type LocalSubjectAccessReview,
  localSubjectAccessReviews,
} from "../../api/authorization/local-subject-access-review.js";
import {
  type SelfSubjectAccessReview,
  selfSubjectAccessReviews,
} from "../../api/authorization/self-subject-access-review.js";
import {
  type SelfSubjectRulesReview,
  selfSubjectRulesReviews,
} from "../../api/authorization/self-subject-rules-review.js";
import { type SubjectAccessReview, subjectAccessReviews } from "../../api/authorization/subject-access-review.js";
import type { KubeObject } from "../../apimachinery/meta.js";
import { groupResourceOf, type ResourceDefinition } from "../../apimachinery/resource.js";
import type { FieldError } from "../../apimachinery/schema/schema.js";
import { badRequest, invalid } from "../../apimachinery/status.js";
import type { Access } from "../access.js";
import type { Attributes } from "../authz/authorizer.js";
import { nodeNameOf } from "../authz/node-identity.js";
import type { Answer, RequestContext, User } from "../request.js";
import { narrowingOf, selectorErrors } from "./access-selectors.js";
import type { VirtualEndpoint } from "./virtual.js";

export interface ReviewOptions {
  readonly access: () => Access;
  /** Of tokens meant for this API server. */
  readonly audience: string;
}

/** Questions about rights and identities: the answer is the question's status. */
export const reviewEndpoints = ({ access, audience }: ReviewOptions): readonly VirtualEndpoint[] => [
  review<SubjectAccessReview>(subjectAccessReviews, async (_context, { spec }) => {
    checkAccessSpec(subjectAccessReviews, spec, subjectErrors(spec));
    return decide(access(), subjectOf(spec), spec);
  }),
  review<LocalSubjectAccessReview>(localSubjectAccessReviews, async (_context, { metadata, spec }) => {
    checkAccessSpec(localSubjectAccessReviews, spec, [
      ...subjectErrors(spec),
      ...localErrors(spec, metadata.namespace),
    ]);
    return decide(access(), subjectOf(spec), spec);
  }),
  review<SelfSubjectAccessReview>(selfSubjectAccessReviews, async ({ user }, { spec }) => {
    checkAccessSpec(selfSubjectAccessReviews, spec, []);
    return decide(access(), user, spec);
  }),
  review<SelfSubjectRulesReview>(selfSubjectRulesReviews, async ({ user }, { spec }) => {
    if (!spec.namespace) throw badRequest("no namespace on request");
    return rulesOf(access(), user, spec.namespace);
  }),
  review<TokenReview>(tokenReviews, async (_context, { spec }) => {
    if (!spec.token) throw badRequest("token is required for TokenReview in authentication");
    const audiences = spec.audiences?.length ? spec.audiences : [audience];
    const verdict = await access().authenticateToken(spec.token, audiences);
    if (verdict.type === "refused") return { authenticated: false, user: {}, error: verdict.why };
    const user = { ...verdict.user, groups: [...verdict.user.groups, "system:authenticated"] };
    return { authenticated: true, user: userInfoOf(user), audiences: verdict.audiences };
  }),
  review(selfSubjectReviews, async ({ user }) => ({ userInfo: userInfoOf(user) })),
];

function review<T extends KubeObject>(
  definition: ResourceDefinition<T>,
  statusOf: (context: RequestContext, object: T) => Promise<unknown>,
): VirtualEndpoint {
  return {
    resource: groupResourceOf(definition),
    async handle(context, object): Promise<Answer> {
      const status = await statusOf(context, object as T);
      return { type: "value", status: 201, value: { ...object, status } };
    },
  };
}

type AccessSpec = SelfSubjectAccessReview["spec"];
type SubjectSpec = SubjectAccessReview["spec"];

function checkAccessSpec(definition: ResourceDefinition, spec: AccessSpec, errors: readonly FieldError[]): void {
  const { resourceAttributes: resource, nonResourceAttributes: path } = spec;
  const shape: FieldError[] = [];
  if (resource && path)
    shape.push({
      path: "spec.nonResourceAttributes",
      reason: "Invalid",
      message: "cannot be specified in combination with resourceAttributes",
    });
  if (!resource && !path)
    shape.push({
      path: "spec.resourceAttributes",
      reason: "Invalid",
      message: "exactly one of nonResourceAttributes or resourceAttributes must be specified",
    });
  const all = [...shape, ...errors, ...(resource ? selectorErrors(resource) : [])];
  if (all.length > 0) throw invalid(definition, "", all);
}

const subjectErrors = ({ user, groups }: SubjectSpec): readonly FieldError[] =>
  user || groups?.length
    ? []
    : [
        {
          path: "spec.user",
          reason: "Invalid",
          value: user ?? "",
          message: "at least one of user or group must be specified",
        },
      ];

function localErrors(
  { resourceAttributes, nonResourceAttributes }: SubjectSpec,
  namespace = "",
): readonly FieldError[] {
  if (nonResourceAttributes)
    return [{ path: "spec.nonResourceAttributes", reason: "Invalid", message: "disallowed on this kind of request" }];
  if (resourceAttributes && (resourceAttributes.namespace ?? "") !== namespace)
    return [
      {
        path: "spec.resourceAttributes.namespace",
        reason: "Invalid",
        value: resourceAttributes.namespace ?? "",
        message: "must match metadata.namespace",
      },
    ];
  return [];
}

const subjectOf = ({ user = "", groups = [], uid = "", extra = {} }: SubjectSpec): User => ({
  name: user,
  uid,
  groups,
  extra,
});

function decide({ authorizer }: Access, user: User, spec: AccessSpec): unknown {
  const { fields, problems } = narrowingOf(spec.resourceAttributes ?? {});
  const { allowed, reason } = authorizer.authorize(attributesOf(user, spec, fields));
  return {
    allowed,
    ...(reason === "" ? {} : { reason }),
    ...(problems.length === 0 ? {} : { evaluationError: problems.join("; ") }),
  };
}

function attributesOf(
  user: User,
  { resourceAttributes: given, nonResourceAttributes: path }: AccessSpec,
  fields: ReadonlyMap<string, string>,
): Attributes {
  if (!given) return { user, verb: path?.verb ?? "", path: path?.path ?? "", resource: undefined };
  const { verb = "", group = "", version = "", resource = "", subresource = "", namespace = "", name = "" } = given;
  const where = { group, version, plural: resource, subresource, namespace, name };
  return { user, verb, path: "", resource: { ...where, fields } };
}

/** What role-based rules give; rights that follow from something else (a node's from its pods) cannot be listed. */
function rulesOf({ rbac }: Access, user: User, namespace: string): unknown {
  const { grants, problems } = rbac.grantsFor(user, namespace);
  const rules = grants.flatMap((grant) => grant.rules);
  const isNode = nodeNameOf(user) !== undefined;
  const all = user.groups.includes("system:masters")
    ? [{ verbs: ["*"], apiGroups: ["*"], resources: ["*"] }, { verbs: ["*"], nonResourceURLs: ["*"] }, ...rules]
    : rules;
  const errors = isNode ? [...problems, "node authorizer does not support user rule resolution"] : problems;
  return {
    resourceRules: all
      .filter((rule) => (rule.resources ?? []).length > 0)
      .map(({ nonResourceURLs: _, ...rule }) => rule),
    nonResourceRules: all
      .filter((rule) => (rule.nonResourceURLs ?? []).length > 0)
      .map(({ verbs, nonResourceURLs }) => ({ verbs, nonResourceURLs })),
    incomplete: isNode,
    ...(errors.length > 0 ? { evaluationError: errors.join(", ") } : {}),
  };
}

const userInfoOf = ({ name, uid, groups, extra }: User): UserInfo => ({
  username: name,
  ...(uid === "" ? {} : { uid }),
  groups,
  ...(Object.keys(extra).length > 0 ? { extra } : {}),
});
