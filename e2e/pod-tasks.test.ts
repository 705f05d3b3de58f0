import { events } from "../api/core/event.js";
import type { Pod } from "../api/core/pod/pod.js";
import { onRuntimes, type PodKit, script, waits } from "./harness/conformance.js";
import { eventually } from "./harness/run.js";

jest.setTimeout(90_000);

/** What users see of pods where things go wrong, or their time has come. */
onRuntimes(["process", "cri"], "what pods tell", (kit) => {
  it("how their volumes are mounted, in every kind of container", async () => {
    const volumes = [{ name: "scratch", emptyDir: {} }];
    const volumeMounts = [
      { name: "scratch", mountPath: "/scratch" },
      { name: "scratch", mountPath: "/looked-at", readOnly: true, recursiveReadOnly: "IfPossible" },
    ];
    const made = await kit.create("mounts", {
      volumes,
      initContainers: [{ name: "first", image: "busybox", command: ["true"], volumeMounts }],
      containers: [{ name: "main", image: "busybox", command: waits, volumeMounts }],
    });
    const { status } = await kit.ready(made);
    const own = [
      { name: "scratch", mountPath: "/scratch" },
      { name: "scratch", mountPath: "/looked-at", readOnly: true, recursiveReadOnly: "Disabled" },
      {
        name: expect.stringMatching(/^kube-api-access-/),
        mountPath: "/var/run/secrets/kubernetes.io/serviceaccount",
        readOnly: true,
        recursiveReadOnly: "Disabled",
      },
    ];
    expect(status?.initContainerStatuses?.[0]?.volumeMounts).toEqual(own);
    expect(status?.containerStatuses?.[0]?.volumeMounts).toEqual(own);
  });

  it("when their time is over, why they end", async () => {
    const made = await kit.create("late", {
      activeDeadlineSeconds: 1,
      containers: [{ name: "main", image: "busybox", command: waits }],
    });
    const pod = await kit.phase(made, "Failed");
    const message = "Pod was active on the node longer than the specified deadline";
    expect(pod.status).toMatchObject({ reason: "DeadlineExceeded", message });
    expect(await told(kit, made, "DeadlineExceeded")).toEqual([`Normal ${message}`]);
  });

  it("that their hooks failed, and nothing of what these wrote", async () => {
    const failing = { exec: { command: script("echo secret; echo secret >&2; exit 3") } };
    const made = await kit.create("hooked", {
      containers: [{ name: "main", image: "busybox", command: waits, lifecycle: { preStop: failing } }],
    });
    await kit.ready(made);
    await kit.delete(made);
    const started = await kit.create("starting", {
      containers: [{ name: "main", image: "busybox", command: waits, lifecycle: { postStart: failing } }],
    });
    expect(await told(kit, started, "FailedPostStartHook")).toEqual(["Warning PostStartHook failed"]);
    expect(await told(kit, made, "FailedPreStopHook")).toEqual(["Warning PreStopHook failed"]);
  });

  it("what a container left as its last word, wherever it says that it leaves it", async () => {
    const made = await kit.create("last", {
      restartPolicy: "Never",
      containers: [
        {
          name: "main",
          image: "busybox",
          command: script("printf gone >/tmp/navarch-last-word"),
          terminationMessagePath: "/tmp/navarch-last-word",
        },
      ],
    });
    const { status } = await kit.phase(made, "Succeeded");
    expect(status?.containerStatuses?.[0]?.state?.terminated).toMatchObject({ exitCode: 0, message: "gone" });
  });
});

/** Type and message of a pod's events of this reason, once there is one. */
function told(kit: PodKit, { metadata: { name } }: Pod, reason: string): Promise<readonly string[]> {
  return eventually(`${name} tells ${reason}`, async () => {
    const { items } = await kit.client.list(events, {
      namespace: kit.namespace,
      fieldSelector: `involvedObject.name=${name},reason=${reason}`,
    });
    return items.length > 0 ? items.map(({ type, message }) => `${type} ${message}`) : undefined;
  });
}
