import { nodes } from "../../api/core/node/node.js";
import { pods } from "../../api/core/pod/pod.js";
import { services } from "../../api/core/service.js";
import type { KubeObject } from "../../apimachinery/meta.js";
import type { Access } from "./cluster.js";

/** Who sets fields of a pod of a Deployment, of its node and of the first service: manager, operation, subresource. */
export const componentWriters = {
  pod: ["kube-controller-manager Update", "kubelet Update status"],
  node: ["kubelet Update", "kubelet Update status"],
  service: ["kube-apiserver Update"],
};

/** The same as the cluster tells it; of the node, what its agent sets. */
export async function writersOf({ client }: Pick<Access, "client">): Promise<typeof componentWriters> {
  const [pod] = (await client.list(pods, { namespace: "default" })).items;
  const [node] = (await client.list(nodes, {})).items;
  return {
    pod: writers(pod),
    node: writers(node).filter((writer) => writer.startsWith("kubelet")),
    service: writers(await client.get(services, { namespace: "default", name: "kubernetes" })),
  };
}

function writers(object: KubeObject | undefined): string[] {
  const entries = object?.metadata.managedFields ?? [];
  const named = entries.map(({ manager, operation, subresource }) =>
    [manager, operation, subresource].filter((part) => part !== undefined && part !== "").join(" "),
  );
  return [...new Set(named)].sort();
}
