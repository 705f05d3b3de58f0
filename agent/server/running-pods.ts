import type { Runtime } from "../runtime/runtime.js";

/** The pods of which something runs, as the runtime knows them: names, and containers with their images. */
export async function runningPods(runtime: Runtime): Promise<readonly object[]> {
  const running = (await runtime.containers()).filter(({ state }) => state === "running");
  const uids = [...new Set(running.map(({ pod }) => pod.uid))];
  return uids.flatMap((uid) => {
    const own = running.filter(({ pod }) => pod.uid === uid);
    const [first] = own;
    if (!first) return [];
    const { name, namespace } = first.pod;
    const containers = own.map(({ name: container, image }) => ({ name: container, image, resources: {} }));
    return [{ metadata: { name, namespace, uid, creationTimestamp: null }, spec: { containers }, status: {} }];
  });
}
