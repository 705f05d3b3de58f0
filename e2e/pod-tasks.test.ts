import { events } from "../api/core/event.js";
import type { Pod } from "../api/core/pod/pod.js";
import { onRuntimes, type PodKit, podIp, script, waits } from "./harness/conformance.js";
import { eventually } from "./harness/run.js";

/** What users see of pods where things go wrong, or their time has come. */
onRuntimes(
  ["process", "cri"],
  "tasks of pods",
  (kit) => {
    it("tell how their volumes are mounted, in every kind of container", async () => {
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
      // What a container runtime can depends on its age.
      const ifPossible = kit.runtime === "process" ? "Disabled" : expect.stringMatching(/^(En|Dis)abled$/);
      const own = [
        { name: "scratch", mountPath: "/scratch" },
        { name: "scratch", mountPath: "/looked-at", readOnly: true, recursiveReadOnly: ifPossible },
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

    it("tell why they end when their time is over", async () => {
      const made = await kit.create("late", {
        activeDeadlineSeconds: 1,
        containers: [{ name: "main", image: "busybox", command: waits }],
      });
      const pod = await kit.phase(made, "Failed");
      const message = "Pod was active on the node longer than the specified deadline";
      expect(pod.status).toMatchObject({ reason: "DeadlineExceeded", message });
      expect(await told(kit, made, "DeadlineExceeded")).toEqual([`Normal ${message}`]);
    });

    it("tell that their hooks failed, and nothing of what these wrote", async () => {
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

    it("tell what a container left as its last word, wherever it says that it leaves it", async () => {
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

    it("tell that a probe was led elsewhere, and are ready all the same", async () => {
      const answer = "response.writeHead(302, { location: 'http://elsewhere.invalid/' }).end('gone')";
      const made = await kit.create("redirected", {
        containers: [
          {
            name: "main",
            image: "node",
            command: [
              "node",
              "-e",
              `require("http").createServer((_, response) => ${answer}).listen(8080, process.env.POD_IP)`,
            ],
            env: [podIp],
            readinessProbe: { httpGet: { port: 8080 }, periodSeconds: 1 },
          },
        ],
      });
      await kit.ready(made);
      expect(await told(kit, made, "ProbeWarning")).toEqual([
        "Warning Readiness probe warning: Probe terminated redirects, Response body: gone",
      ]);
    });

    it("run programs that lie in a volume, by their path or from the working directory", async () => {
      const name = await kit.configMap({ "run.sh": "#!/bin/sh\necho $1 from $(pwd)\n" });
      const volumes = [
        { name: "scripts", configMap: { name, defaultMode: 0o755 } },
        { name: "work", emptyDir: {} },
      ];
      const volumeMounts = [
        { name: "scripts", mountPath: "/scripts" },
        { name: "work", mountPath: "/work" },
      ];
      const byPath = { command: ["/scripts/run.sh"], args: ["run"], workingDir: "/work", volumeMounts };
      expect((await kit.run("script", byPath, { volumes })).log).toBe("run from /work\n");
      const fromThere = { command: ["./run.sh", "run"], workingDir: "/scripts", volumeMounts };
      expect((await kit.run("script", fromThere, { volumes })).log).toBe("run from /scripts\n");
    });

    if (kit.runtime === "cri")
      it("have folders of a volume that their own user may write into", async () => {
        const spec = { volumes: [{ name: "v", emptyDir: {} }], securityContext: { runAsUser: 1234, runAsGroup: 1234 } };
        const volumeMounts = [{ name: "v", mountPath: "/logs", subPath: "deep/er" }];
        const container = { command: script("touch /logs/mine && ls -ln /logs"), volumeMounts };
        expect((await kit.run("writes", container, spec)).log).toMatch(/1234 +1234 .*mine/);
      });
  },
  { withNode: true },
);

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
