import { readFileSync } from "node:fs";
import { join } from "node:path";
import { configMaps } from "../api/core/config-map.js";
import { events } from "../api/core/event.js";
import { type Pod, pods } from "../api/core/pod/pod.js";
import { secrets } from "../api/core/secret.js";
import { StatusError } from "../apimachinery/status.js";
import { isReady, useProcessNode } from "../e2e/harness/process-node.js";
import { eventually } from "./eventually.test-kit.js";

describe("what the agent makes of a pod's containers", () => {
  const node = useProcessNode();

  it("finishes pods that do not restart", async () => {
    await node.create("good", {
      restartPolicy: "Never",
      containers: [{ name: "a", image: "busybox", command: ["true"] }],
    });
    await node.create("bad", {
      restartPolicy: "Never",
      containers: [
        {
          name: "a",
          image: "busybox",
          command: ["sh", "-c", "echo why >&2; exit 3"],
          terminationMessagePolicy: "FallbackToLogsOnError",
        },
      ],
    });
    expect(
      (await node.until("good", ({ status }) => status?.phase === "Succeeded")).status?.containerStatuses?.[0]?.state
        ?.terminated?.reason,
    ).toBe("Completed");
    const bad = await node.until("bad", ({ status }) => status?.phase === "Failed");
    expect(bad.status?.containerStatuses?.[0]?.state?.terminated).toMatchObject({
      exitCode: 3,
      reason: "Error",
      message: "why\n",
    });
  });

  it("runs init containers one after the other before the others", async () => {
    const note = (text: string): readonly string[] => ["sh", "-c", `echo ${text} >> $HOME/order`];
    await node.create("steps", {
      restartPolicy: "Never",
      initContainers: [
        { name: "first", image: "busybox", command: note("first") },
        { name: "second", image: "busybox", command: note("second") },
      ],
      containers: [
        {
          name: "main",
          image: "busybox",
          command: ["sh", "-c", "cat $HOME/order; test \"$(cat $HOME/order | tr '\\n' ,)\" = first,second,"],
        },
      ],
    });
    const pod = await node.until("steps", ({ status }) => status?.phase === "Succeeded" || status?.phase === "Failed");
    expect(pod.status?.phase).toBe("Succeeded");
    expect(pod.status?.initContainerStatuses?.map(({ ready }) => ready)).toEqual([true, true]);
  });

  it("holds back a container that keeps failing", async () => {
    await node.create("crash", { containers: [{ name: "a", image: "busybox", command: ["false"] }] });
    const pod = await node.until(
      "crash",
      ({ status }) => status?.containerStatuses?.[0]?.state?.waiting?.reason === "CrashLoopBackOff",
    );
    expect(pod.status?.phase).toBe("Running");
    expect(pod.status?.containerStatuses?.[0]?.state?.waiting?.message).toBe(
      `back-off 10s restarting failed container=a pod=crash_default(${pod.metadata.uid})`,
    );
    expect(pod.status?.containerStatuses?.[0]?.restartCount).toBe(1);
  });

  it("says how to make an unknown image known, and refuses what it cannot honour", async () => {
    await node.create("unknown", { containers: [{ name: "a", image: "nowhere/thing:1" }] });
    const waiting = (pod: Pod) => pod.status?.containerStatuses?.[0]?.state?.waiting;
    const unknown = await node.until("unknown", (pod) => waiting(pod)?.reason === "ErrImagePull");
    expect(waiting(unknown)?.message).toContain("images.yaml");
    await node.create("host", { hostPID: true, containers: [{ name: "a", image: "busybox", command: ["true"] }] });
    const host = await node.until("host", (pod) => waiting(pod)?.reason === "CreateContainerConfigError");
    expect(waiting(host)?.message).toContain("spec.hostPID");
    await eventually(async () => {
      const { items } = await node.api.client.list(events, { namespace: "default" });
      if (!items.some(({ reason, message }) => reason === "Failed" && message?.includes("spec.hostPID")))
        throw new Error("no event");
    });
  });

  it("gives containers the environment that their pod asks for", async () => {
    await node.api.client.create(configMaps, {
      metadata: { name: "settings", namespace: "default" },
      data: { COLOUR: "blue", SIZE: "3" },
    });
    await node.api.client.create(secrets, {
      metadata: { name: "keys", namespace: "default" },
      data: { password: Buffer.from("geheim").toString("base64") },
    });
    const env = [
      { name: "POD", valueFrom: { fieldRef: { fieldPath: "metadata.name" } } },
      { name: "IP", valueFrom: { fieldRef: { fieldPath: "status.podIP" } } },
      { name: "CPU", valueFrom: { resourceFieldRef: { resource: "limits.cpu", divisor: "1m" } } },
      { name: "PASSWORD", valueFrom: { secretKeyRef: { name: "keys", key: "password" } } },
      { name: "BOTH", value: "$(POD)-$(COLOUR) $$(POD) $(NONE)" },
    ];
    const script = 'echo "$POD|$CPU|$PASSWORD|$BOTH|$P_SIZE"; test "$IP" = "$POD_IP" && exit 3';
    await node.create("env", {
      restartPolicy: "Never",
      containers: [
        {
          name: "a",
          image: "busybox",
          command: ["sh", "-c", script],
          env,
          resources: { limits: { cpu: "500m" } },
          terminationMessagePolicy: "FallbackToLogsOnError",
          envFrom: [
            { configMapRef: { name: "settings" } },
            { prefix: "P_", configMapRef: { name: "settings" } },
            { secretRef: { name: "none", optional: true } },
          ],
        },
      ],
    });
    const pod = await node.until("env", ({ status }) => status?.phase === "Succeeded" || status?.phase === "Failed");
    expect(pod.status?.containerStatuses?.[0]?.state?.terminated).toMatchObject({
      exitCode: 3,
      message: "env|500|geheim|env-blue $(POD) $(NONE)|3\n",
    });
  });

  it("waits for a ConfigMap that is not there yet, and says so", async () => {
    await node.create("waits", {
      restartPolicy: "Never",
      containers: [{ name: "a", image: "busybox", command: ["true"], envFrom: [{ configMapRef: { name: "later" } }] }],
    });
    const pod = await node.until(
      "waits",
      ({ status }) => status?.containerStatuses?.[0]?.state?.waiting?.reason === "CreateContainerConfigError",
    );
    expect(pod.status?.containerStatuses?.[0]?.state?.waiting?.message).toBe('configmap "later" not found');
    await node.api.client.create(configMaps, { metadata: { name: "later", namespace: "default" }, data: {} });
    await node.until("waits", ({ status }) => status?.phase === "Succeeded");
  });

  it("mounts volumes where the host lets it, and refuses them by name where not", async () => {
    await node.api.client.create(configMaps, {
      metadata: { name: "files", namespace: "default" },
      data: { "a.txt": "alpha", "b.txt": "beta" },
    });
    await node.create("volumes", {
      restartPolicy: "Never",
      volumes: [
        { name: "scratch", emptyDir: {} },
        { name: "config", configMap: { name: "files", items: [{ key: "a.txt", path: "deep/renamed" }] } },
        { name: "about", downwardAPI: { items: [{ path: "name", fieldRef: { fieldPath: "metadata.name" } }] } },
      ],
      initContainers: [
        {
          name: "first",
          image: "busybox",
          command: ["sh", "-c", "echo made > /scratch/file"],
          volumeMounts: [{ name: "scratch", mountPath: "/scratch" }],
        },
      ],
      containers: [
        {
          name: "a",
          image: "busybox",
          command: [
            "sh",
            "-c",
            "cat /scratch/file /etc/thing/deep/renamed /about/name > /dev/termination-log; ! echo x 2>/dev/null > /etc/thing/new",
          ],
          volumeMounts: [
            { name: "scratch", mountPath: "/scratch" },
            { name: "config", mountPath: "/etc/thing", readOnly: true },
            { name: "about", mountPath: "/about" },
          ],
        },
      ],
    });
    if (!node.runtime.features.mounts) {
      const refused = await node.until(
        "volumes",
        ({ status }) => status?.initContainerStatuses?.[0]?.state?.waiting?.reason === "CreateContainerConfigError",
      );
      expect(refused.status?.initContainerStatuses?.[0]?.state?.waiting?.message).toContain(
        "volumeMounts[0] (/scratch)",
      );
      return;
    }
    const pod = await node.until(
      "volumes",
      ({ status }) => status?.phase === "Succeeded" || status?.phase === "Failed",
    );
    expect(pod.status?.containerStatuses?.[0]?.state?.terminated).toMatchObject({
      exitCode: 0,
      message: "made\nalphavolumes",
    });
  });

  it("starts a container again when its liveness probe fails, and keeps one unready whose readiness probe does", async () => {
    const readinessProbe = { exec: { command: ["false"] }, periodSeconds: 1 };
    const livenessProbe = {
      exec: { command: ["sh", "-c", "exit 1"] },
      periodSeconds: 1,
      failureThreshold: 1,
      initialDelaySeconds: 1,
    };
    await node.create("unready", { containers: [{ name: "a", image: "my-app:latest", readinessProbe }] });
    await node.create("unwell", { containers: [{ name: "a", image: "my-app:latest", livenessProbe }] });
    await node.until("unwell", ({ status }) => status?.containerStatuses?.[0]?.restartCount === 1);
    const unready = await node.get("unready");
    expect(unready.status?.phase).toBe("Running");
    expect(isReady(unready)).toBe(false);
    expect(unready.status?.conditions?.find(({ type }) => type === "Ready")).toMatchObject({
      reason: "ContainersNotReady",
      message: "containers with unready status: [a]",
    });
    const { items } = await node.api.client.list(events, { namespace: "default" });
    expect(items.map(({ reason, message }) => `${reason}: ${message}`)).toContain(
      "Killing: Container a failed liveness probe, will be restarted",
    );
  });

  it("runs hooks: the container waits for neither longer than its grace", async () => {
    await node.create("hooks", {
      terminationGracePeriodSeconds: 60,
      containers: [
        {
          name: "a",
          image: "my-app:latest",
          lifecycle: {
            postStart: { exec: { command: ["sh", "-c", "echo started > $HOME/post"] } },
            preStop: { exec: { command: ["sh", "-c", `echo stopped > ${node.dir}/pre`] } },
          },
        },
      ],
    });
    await node.until("hooks", isReady);
    await node.api.client.delete(pods, { namespace: "default", name: "hooks" });
    await eventually(() => expect(readFileSync(join(node.dir, "pre"), "utf8")).toBe("stopped\n"));
    await eventually(async () => {
      if (!((await node.get("hooks").catch((error: unknown) => error)) instanceof StatusError))
        throw new Error("still there");
    });
  });
});
