/**
 * Field numbers of the groups admissionregistration, authentication, authorization, certificates, flowcontrol and rbac;
 * notation: `codec/protobuf/field-numbers.ts`.
 */

/** `authentication/v1` */
export const authentication = `
BoundObjectReference: kind apiVersion name uid
SelfSubjectReview: metadata status
SelfSubjectReviewStatus: userInfo
TokenRequest: metadata spec status
TokenRequestSpec: audiences 3 boundObjectRef expirationSeconds?
TokenRequestStatus: token expirationTimestamp
TokenReview: metadata spec status
TokenReviewSpec: token audiences
TokenReviewStatus: authenticated user error audiences
UserInfo: username uid groups extra
`;

/** `authorization/v1` */
export const authorization = `
FieldSelectorAttributes: rawSelector requirements
LabelSelectorAttributes: rawSelector requirements
LocalSubjectAccessReview: metadata spec status
NonResourceAttributes: path verb
NonResourceRule: verbs nonResourceURLs
ResourceAttributes: namespace verb group version resource subresource name fieldSelector labelSelector
ResourceRule: verbs apiGroups resources resourceNames
SelfSubjectAccessReview: metadata spec status
SelfSubjectAccessReviewSpec: resourceAttributes nonResourceAttributes
SelfSubjectRulesReview: metadata spec status
SelfSubjectRulesReviewSpec: namespace
SubjectAccessReview: metadata spec status
SubjectAccessReviewSpec: resourceAttributes nonResourceAttributes user groups extra uid
SubjectAccessReviewStatus: allowed reason evaluationError denied
SubjectRulesReviewStatus: resourceRules nonResourceRules incomplete evaluationError
`;

/** `certificates/v1` */
export const certificates = `
CertificateSigningRequest: metadata spec status
CertificateSigningRequestCondition: type reason message lastUpdateTime lastTransitionTime status
CertificateSigningRequestSpec: request username uid groups usages extra signerName expirationSeconds?
CertificateSigningRequestStatus: conditions certificate
`;

/** `rbac/v1` */
export const rbac = `
AggregationRule: clusterRoleSelectors
ClusterRole: metadata rules aggregationRule
ClusterRoleBinding: metadata subjects roleRef
PolicyRule: verbs apiGroups resources resourceNames nonResourceURLs
Role: metadata rules
RoleBinding: metadata subjects roleRef
RoleRef: apiGroup kind name
Subject: kind apiGroup name namespace
`;

/** `admissionregistration/v1` */
export const admissionregistration = `
ApplyConfiguration: expression
AuditAnnotation: key valueExpression
ExpressionWarning: 2 fieldRef warning
JSONPatch: expression
MatchCondition: name expression
MatchResources: namespaceSelector objectSelector resourceRules excludeResourceRules 7 matchPolicy?
MutatingAdmissionPolicy: metadata spec
MutatingAdmissionPolicyBinding: metadata spec
MutatingAdmissionPolicyBindingSpec: policyName paramRef matchResources
MutatingAdmissionPolicySpec: paramKind matchConstraints variables mutations failurePolicy? matchConditions
  reinvocationPolicy
MutatingWebhook: name clientConfig rules failurePolicy? namespaceSelector sideEffects? timeoutSeconds?
  admissionReviewVersions matchPolicy? reinvocationPolicy? objectSelector matchConditions
MutatingWebhookConfiguration: metadata webhooks
Mutation: 2 patchType applyConfiguration jsonPatch
NamedRuleWithOperations: resourceNames +RuleWithOperations
ParamKind: apiVersion kind
ParamRef: name namespace selector parameterNotFoundAction?
Rule: apiGroups apiVersions resources scope?
RuleWithOperations: operations +Rule
ServiceReference: namespace name path? port?
TypeChecking: expressionWarnings
ValidatingAdmissionPolicy: metadata spec status
ValidatingAdmissionPolicyBinding: metadata spec
ValidatingAdmissionPolicyBindingSpec: policyName paramRef matchResources validationActions
ValidatingAdmissionPolicySpec: paramKind matchConstraints validations failurePolicy? auditAnnotations matchConditions
  variables
ValidatingAdmissionPolicyStatus: observedGeneration typeChecking conditions
ValidatingWebhook: name clientConfig rules failurePolicy? namespaceSelector sideEffects? timeoutSeconds?
  admissionReviewVersions matchPolicy? objectSelector matchConditions
ValidatingWebhookConfiguration: metadata webhooks
Validation: expression message reason? messageExpression
Variable: name expression
WebhookClientConfig: service caBundle url?
`;

/** `flowcontrol/v1` */
export const flowcontrol = `
ExemptPriorityLevelConfiguration: nominalConcurrencyShares? lendablePercent?
FlowDistinguisherMethod: type
FlowSchema: metadata spec status
FlowSchemaCondition: type status lastTransitionTime reason message
FlowSchemaSpec: priorityLevelConfiguration matchingPrecedence distinguisherMethod rules
FlowSchemaStatus: conditions
GroupSubject: name
LimitResponse: type queuing
LimitedPriorityLevelConfiguration: nominalConcurrencyShares? limitResponse lendablePercent? borrowingLimitPercent?
NonResourcePolicyRule: verbs 6 nonResourceURLs
PolicyRulesWithSubjects: subjects resourceRules nonResourceRules
PriorityLevelConfiguration: metadata spec status
PriorityLevelConfigurationCondition: type status lastTransitionTime reason message
PriorityLevelConfigurationReference: name
PriorityLevelConfigurationSpec: type limited exempt
PriorityLevelConfigurationStatus: conditions
QueuingConfiguration: queues handSize queueLengthLimit
ResourcePolicyRule: verbs apiGroups resources clusterScope namespaces
ServiceAccountSubject: namespace name
Subject: kind user group serviceAccount
UserSubject: name
`;
