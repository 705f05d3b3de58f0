import type { Node } from "../../../api/core/node/node.js";
import { staticPodOf } from "./manifest.js";
import { mirrorOf, planMirrors } from "./mirrors.js";

const manifest = (text: string) => ({ file: "/etc/pods/web.yaml", text, seenAt: "2030-01-01T00:00:00Z" });
const spec = "spec: {containers: [{name: a, image: busybox}]}";
const web = `{apiVersion: v1, kind: Pod, metadata: {name: web, labels: {a: b}}, ${spec}}`;

describe("the manifest of a static pod", () => {
  it("becomes a pod of this node, told from others by its content", () => {
    const pod = staticPodOf(manifest(web), "node-1");
    expect(pod.metadata).toMatchObject({
      name: "web-node-1",
      namespace: "default",
      labels: { a: "b" },
      annotations: {
        "kubernetes.io/config.hash": pod.metadata.uid,
        "kubernetes.io/config.seen": "2030-01-01T00:00:00Z",
        "kubernetes.io/config.source": "file",
      },
    });
    expect(pod.metadata.uid).toMatch(/^[0-9a-f]{32}$/);
    expect(pod.spec).toMatchObject({
      nodeName: "node-1",
      restartPolicy: "Always",
      tolerations: [{ operator: "Exists", effect: "NoExecute" }],
    });
    expect(staticPodOf(manifest(web), "node-1").metadata.uid).toBe(pod.metadata.uid);
    expect(staticPodOf(manifest(web.replace("busybox", "other")), "node-1").metadata.uid).not.toBe(pod.metadata.uid);
  });

  it.each([
    ["{", "YAML"],
    ["{apiVersion: v1, kind: Service, metadata: {name: a}}", "not a Pod"],
    [`${web}\n---\n${web}`, "one pod"],
    [web.replace("containers", "contaners"), 'unknown field "spec.contaners"'],
    [web.replace("name: web", "name: WEB"), "metadata.name"],
    [web.replace("spec: {", "spec: {serviceAccountName: x, "), "may not refer to objects of the API: spec.service"],
    [web.replace("spec: {", "spec: {volumes: [{name: v, secret: {secretName: s}}], "), "spec.volumes.secret"],
    [web.replace("image:", "envFrom: [{configMapRef: {name: c}}], image:"), "envFrom"],
  ])("%s is refused", (text, why) => {
    expect(() => staticPodOf(manifest(text), "n")).toThrow(why);
  });
});

describe("mirrors of static pods", () => {
  const pod = staticPodOf(manifest(web), "n");
  const node = { metadata: { name: "n", uid: "node-uid" } } as Node;
  const mirror = {
    ...pod,
    metadata: { ...pod.metadata, ...mirrorOf(pod, node).metadata, uid: "of-mirror" },
  } as typeof pod;

  it("belong to the node and name what they show", () => {
    expect(mirror.metadata.annotations?.["kubernetes.io/config.mirror"]).toBe(pod.metadata.uid);
    expect(mirror.metadata.ownerReferences).toEqual([
      { apiVersion: "v1", kind: "Node", name: "n", uid: "node-uid", controller: true },
    ]);
  });

  it("are made where they are missing, and left where they are right", () => {
    expect(planMirrors([pod], [])).toEqual({ remove: [], create: [pod] });
    expect(planMirrors([pod], [mirror])).toEqual({ remove: [], create: [] });
  });

  it("go when they are outdated, being deleted, or show nothing any more", () => {
    const changed = staticPodOf(manifest(web.replace("busybox", "other")), "n");
    const ending = { ...mirror, metadata: { ...mirror.metadata, deletionTimestamp: "2030-01-01T00:00:00Z" } };
    expect(planMirrors([changed], [mirror])).toEqual({ remove: [mirror], create: [] });
    expect(planMirrors([pod], [ending])).toEqual({ remove: [ending], create: [] });
    expect(planMirrors([], [mirror])).toEqual({ remove: [mirror], create: [] });
  });
});
