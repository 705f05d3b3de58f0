type Labels = Readonly<Record<string, string>>;

/** Keys that were added, changed or removed. */
export const changedNodeLabels = (before: Labels, after: Labels): readonly string[] =>
  [...new Set([...Object.keys(before), ...Object.keys(after)])].filter((key) => before[key] !== after[key]);

/**
 * Labels that a node may not give itself: those by which others decide where to place pods of trust. Of Kubernetes' own
 * labels it may write the ones that describe it.
 */
export function forbiddenLabel(key: string): boolean {
  const slash = key.indexOf("/");
  if (slash < 0 || own.has(key)) return false;
  const domain = key.slice(0, slash);
  if (domain === restricted || domain.endsWith(`.${restricted}`)) return true;
  if (ownDomains.some((allowed) => domain === allowed || domain.endsWith(`.${allowed}`))) return false;
  return kubernetesDomains.some((reserved) => domain === reserved || domain.endsWith(`.${reserved}`));
}

const restricted = "node-restriction.kubernetes.io";
const kubernetesDomains = ["kubernetes.io", "k8s.io"];
const ownDomains = ["kubelet.kubernetes.io", "node.kubernetes.io"];
const own: ReadonlySet<string> = new Set([
  "kubernetes.io/hostname",
  "kubernetes.io/arch",
  "kubernetes.io/os",
  "beta.kubernetes.io/arch",
  "beta.kubernetes.io/os",
  "beta.kubernetes.io/instance-type",
  "failure-domain.beta.kubernetes.io/region",
  "failure-domain.beta.kubernetes.io/zone",
  "failure-domain.kubernetes.io/region",
  "failure-domain.kubernetes.io/zone",
  "topology.kubernetes.io/region",
  "topology.kubernetes.io/zone",
]);
