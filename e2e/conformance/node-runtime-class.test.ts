import { runtimeClasses } from "../../api/node/runtime-class.js";
import { StatusError } from "../../apimachinery/status.js";
import { onRuntimes, waits } from "../harness/conformance.js";
import { eventually } from "../harness/run.js";

onRuntimes(["cri"], "runtime classes", (kit) => {
  const main = { name: "test", image: "busybox", imagePullPolicy: "IfNotPresent", command: waits };
  const newClass = async (handler: string, more: object = {}): Promise<string> => {
    const name = kit.name("class");
    await kit.client.create(runtimeClasses, { metadata: { name }, handler, ...more } as never);
    return name;
  };
  const refusal = async (runtimeClassName: string): Promise<string> => {
    const error: unknown = await kit
      .create("refused", { runtimeClassName, containers: [main] })
      .catch((thrown) => thrown);
    return error instanceof StatusError ? `${error.code} ${error.message}` : "let in";
  };

  it("RuntimeClass should reject a Pod requesting a non-existent RuntimeClass", async () => {
    expect(await refusal("no-such-class")).toMatch(/^403 .*pod rejected: RuntimeClass "no-such-class" not found$/);
  });

  it("RuntimeClass should reject a Pod requesting a deleted RuntimeClass", async () => {
    const name = await newClass("runc");
    await kit.client.delete(runtimeClasses, { name });
    await eventually("the class is none", async () => (await refusal(name)).startsWith("403 "));
  });

  it("RuntimeClass should schedule a Pod requesting a RuntimeClass without PodOverhead", async () => {
    const runtimeClassName = await newClass("runc");
    const pod = await kit.ready(await kit.create("classy", { runtimeClassName, containers: [main] }));
    expect(pod.spec.overhead).toBeUndefined();
  });

  it("RuntimeClass should schedule a Pod requesting a RuntimeClass and initialize its Overhead", async () => {
    const podFixed = { cpu: "10m", memory: "1Mi" };
    const runtimeClassName = await newClass("runc", { overhead: { podFixed } });
    const pod = await kit.ready(await kit.create("costly", { runtimeClassName, containers: [main] }));
    expect(pod.spec.overhead).toEqual(podFixed);
  });

  it("what a class costs counts for the scheduler", async () => {
    const runtimeClassName = await newClass("runc", { overhead: { podFixed: { cpu: "1k" } } });
    const pod = await kit.create("too-costly", { runtimeClassName, containers: [main] });
    const { status } = await kit.until(pod, "is not scheduled", ({ status }) =>
      status?.conditions?.some(({ type, reason }) => type === "PodScheduled" && reason === "Unschedulable"),
    );
    expect(status?.conditions?.find(({ type }) => type === "PodScheduled")?.message).toMatch(/Insufficient cpu/);
    await kit.delete(pod, 0);
  });

  it("a class that no node can run keeps the pod waiting, and says so", async () => {
    const runtimeClassName = await newClass("no-such-handler");
    const pod = await kit.create("unrunnable", { runtimeClassName, containers: [main] });
    const event = await eventually("the pod is told", async () => {
      const { stdout } = await kit.cluster.navctl(["get", "events", "-n", kit.namespace]);
      return stdout
        .split("\n")
        .find((line) => line.includes("FailedCreatePodSandBox") && line.includes(pod.metadata.name));
    });
    expect(event).toMatch(/no-such-handler/);
    expect((await kit.get(pod)).status?.phase).toBe("Pending");
    await kit.delete(pod, 0);
  });

  it("RuntimeClass should support RuntimeClasses API operations", async () => {
    const { client } = kit;
    const labels = { test: kit.name("operations") };
    const labelSelector = `test=${labels.test}`;
    const names = ["one", "two", "three"].map((name) => kit.name(name));
    const watched: string[] = [];
    const discovered = async (path: string): Promise<string> => kit.cluster.ok(["get", "--raw", path]);
    expect(await discovered("/apis")).toContain('"groupVersion":"node.k8s.io/v1"');
    expect(await discovered("/apis/node.k8s.io")).toContain('"groupVersion":"node.k8s.io/v1"');
    expect(await discovered("/apis/node.k8s.io/v1")).toContain('"name":"runtimeclasses"');
    const { metadata } = await client.list(runtimeClasses, { labelSelector });
    for (const name of names)
      await client.create(runtimeClasses, { metadata: { name, labels }, handler: "runc" } as never);
    const [first = "", second = ""] = names;
    const again = client.create(runtimeClasses, { metadata: { name: first, labels }, handler: "runc" } as never);
    await expect(again).rejects.toMatchObject({ reason: "AlreadyExists" });
    expect((await client.get(runtimeClasses, { name: first })).handler).toBe("runc");
    expect((await client.list(runtimeClasses, { labelSelector })).items.length).toBe(3);
    const annotated = { metadata: { annotations: { patched: "true" } } };
    const patched = await client.patch(runtimeClasses, { name: first }, { type: "merge", body: annotated });
    expect(patched.metadata.annotations).toEqual({ patched: "true" });
    const updated = await client.update(runtimeClasses, {
      ...patched,
      metadata: { ...patched.metadata, annotations: { ...patched.metadata.annotations, updated: "true" } },
    });
    expect(updated.metadata.annotations).toEqual({ patched: "true", updated: "true" });
    await expect(client.update(runtimeClasses, { ...updated, handler: "other" })).rejects.toThrow("field is immutable");
    await client.delete(runtimeClasses, { name: second });
    await expect(client.get(runtimeClasses, { name: second })).rejects.toThrow("not found");
    expect((await client.list(runtimeClasses, { labelSelector })).items.length).toBe(2);
    const stop = AbortSignal.timeout(10_000);
    const query = { labelSelector, resourceVersion: metadata.resourceVersion ?? "" };
    for await (const event of client.watch(runtimeClasses, query, stop)) {
      if (event.type === "BOOKMARK") continue;
      watched.push(`${event.type} ${event.object.metadata.name}`);
      if (event.type === "DELETED") break;
    }
    expect(watched).toEqual([
      ...names.map((name) => `ADDED ${name}`),
      ...[first, first].map((name) => `MODIFIED ${name}`),
      `DELETED ${second}`,
    ]);
    await client.raw({ method: "DELETE", path: `/apis/node.k8s.io/v1/runtimeclasses?labelSelector=${labelSelector}` });
    expect((await client.list(runtimeClasses, { labelSelector })).items).toEqual([]);
  });
});
