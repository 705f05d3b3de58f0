import type { FlowSchema, PolicyRulesWithSubjects, Subject } from "../../api/flowcontrol/flow-schema.js";
import type { PriorityLevelConfiguration } from "../../api/flowcontrol/priority-level-configuration.js";
import type { DraftOf } from "../../apimachinery/resource.js";

/** The flow schemas and priority levels of a new cluster, as Kubernetes has them. `"false"`: its owner took it over. */

const apiVersion = "flowcontrol.apiserver.k8s.io/v1";
const metadata = (name: string) => ({ name, annotations: { "apf.kubernetes.io/autoupdate-spec": "true" } });

type LevelDraft = DraftOf<PriorityLevelConfiguration>;

const level = (name: string, spec: LevelDraft["spec"]): LevelDraft => ({
  apiVersion,
  kind: "PriorityLevelConfiguration",
  metadata: metadata(name),
  ...(spec === undefined ? {} : { spec }),
});

const queueing = (
  name: string,
  [nominalConcurrencyShares, lendablePercent]: readonly [number, number],
  [queues, handSize]: readonly [number, number],
): LevelDraft =>
  level(name, {
    type: "Limited",
    limited: {
      nominalConcurrencyShares,
      lendablePercent,
      limitResponse: { type: "Queue", queuing: { queues, handSize, queueLengthLimit: 50 } },
    },
  });

export const bootstrapPriorityLevels: readonly LevelDraft[] = [
  level("exempt", { type: "Exempt", exempt: { nominalConcurrencyShares: 0, lendablePercent: 0 } }),
  level("catch-all", {
    type: "Limited",
    limited: { nominalConcurrencyShares: 5, lendablePercent: 0, limitResponse: { type: "Reject" } },
  }),
  queueing("system", [30, 33], [64, 6]),
  queueing("node-high", [40, 25], [64, 6]),
  queueing("leader-election", [10, 0], [16, 4]),
  queueing("workload-high", [40, 50], [128, 6]),
  queueing("workload-low", [100, 90], [128, 6]),
  queueing("global-default", [20, 50], [128, 6]),
];

const groups = (...names: string[]): readonly Subject[] => names.map((name) => ({ kind: "Group", group: { name } }));
const users = (...names: string[]): readonly Subject[] => names.map((name) => ({ kind: "User", user: { name } }));
const everybody = groups("system:unauthenticated", "system:authenticated");
const systemAccounts: Subject = { kind: "ServiceAccount", serviceAccount: { namespace: "kube-system", name: "*" } };

const resources = (
  verbs: readonly string[],
  apiGroups: readonly string[],
  names: readonly string[],
  clusterScope: boolean,
) => ({ verbs, apiGroups, resources: names, namespaces: ["*"], ...(clusterScope ? { clusterScope } : {}) });

const allOf = (subjects: readonly Subject[]): PolicyRulesWithSubjects => ({
  subjects,
  resourceRules: [resources(["*"], ["*"], ["*"], true)],
  nonResourceRules: [{ verbs: ["*"], nonResourceURLs: ["*"] }],
});

const flow = (
  name: string,
  priorityLevel: string,
  matchingPrecedence: number,
  distinguisher: "ByUser" | "ByNamespace" | undefined,
  rules: PolicyRulesWithSubjects,
): DraftOf<FlowSchema> => ({
  apiVersion,
  kind: "FlowSchema",
  metadata: metadata(name),
  spec: {
    priorityLevelConfiguration: { name: priorityLevel },
    matchingPrecedence,
    ...(distinguisher ? { distinguisherMethod: { type: distinguisher } } : {}),
    rules: [rules],
  },
});

const leases = resources(["*"], ["coordination.k8s.io"], ["leases"], false);

export const bootstrapFlowSchemas: readonly DraftOf<FlowSchema>[] = [
  flow("exempt", "exempt", 1, undefined, allOf(groups("system:masters"))),
  flow("probes", "exempt", 2, undefined, {
    subjects: everybody,
    nonResourceRules: [{ verbs: ["get"], nonResourceURLs: ["/healthz", "/readyz", "/livez"] }],
  }),
  flow("system-leader-election", "leader-election", 100, "ByUser", {
    subjects: [...users("system:kube-controller-manager", "system:kube-scheduler"), systemAccounts],
    resourceRules: [{ ...leases, verbs: ["get", "create", "update"] }],
  }),
  flow("system-node-high", "node-high", 400, "ByUser", {
    subjects: groups("system:nodes"),
    resourceRules: [resources(["*"], [""], ["nodes", "nodes/status"], true), leases],
  }),
  flow("system-nodes", "system", 500, "ByUser", allOf(groups("system:nodes"))),
  flow("kube-controller-manager", "workload-high", 800, "ByNamespace", allOf(users("system:kube-controller-manager"))),
  flow("kube-scheduler", "workload-high", 800, "ByNamespace", allOf(users("system:kube-scheduler"))),
  flow("kube-system-service-accounts", "workload-high", 900, "ByNamespace", allOf([systemAccounts])),
  flow("service-accounts", "workload-low", 9000, "ByUser", allOf(groups("system:serviceaccounts"))),
  flow("global-default", "global-default", 9900, "ByUser", allOf(everybody)),
  flow("catch-all", "catch-all", 10_000, "ByUser", allOf(everybody)),
];
