/** The kind that a subresource takes and answers where it is not the resource's own, as discovery tells it. */
export interface SubresourceKind {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
}

const core = (kind: string): SubresourceKind => ({ group: "", version: "v1", kind });

const kinds: ReadonlyMap<string, SubresourceKind> = new Map([
  ["scale", { group: "autoscaling", version: "v1", kind: "Scale" }],
  ["pods/attach", core("PodAttachOptions")],
  ["pods/binding", core("Binding")],
  ["pods/eviction", { group: "policy", version: "v1", kind: "Eviction" }],
  ["pods/exec", core("PodExecOptions")],
  ["pods/portforward", core("PodPortForwardOptions")],
  ["pods/proxy", core("PodProxyOptions")],
  ["services/proxy", core("ServiceProxyOptions")],
  ["nodes/proxy", core("NodeProxyOptions")],
  ["serviceaccounts/token", { group: "authentication.k8s.io", version: "v1", kind: "TokenRequest" }],
]);

/** Undefined: the resource's own kind. */
export const subresourceKind = (plural: string, subresource: string): SubresourceKind | undefined =>
  kinds.get(`${plural}/${subresource}`) ?? kinds.get(subresource);
