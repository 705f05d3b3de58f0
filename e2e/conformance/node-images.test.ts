import type { Pod } from "../../api/core/pod/pod.js";
import { onRuntimes, script } from "../harness/conformance.js";
import { busyboxImage } from "../harness/oci-image.js";

const talker = "docker.io/library/talker:1";

onRuntimes(["cri"], "images and what they run", (kit) => {
  beforeAll(() =>
    kit.importImages({
      [talker]: busyboxImage({
        entrypoint: ["echo", "entrypoint"],
        cmd: ["default", "arguments"],
        workingDir: "/home",
        env: ["PATH=/bin", "FROM_IMAGE=yes"],
      }),
    }),
  );
  const said = async (container: object): Promise<string> =>
    (await kit.run("talker", { image: talker, ...container })).log.trim();

  it("Containers should use the image defaults if command and args are blank", async () => {
    expect(await said({})).toBe("entrypoint default arguments");
  });

  it("Containers should override the image's default arguments", async () => {
    expect(await said({ args: ["override", "arguments"] })).toBe("entrypoint override arguments");
  });

  it("Containers should override the image's default command", async () => {
    expect(await said({ command: ["echo", "command"] })).toBe("command");
  });

  it("Containers should override the image's default command and arguments", async () => {
    expect(await said({ command: ["echo", "command"], args: ["override", "arguments"] })).toBe(
      "command override arguments",
    );
  });

  it("the image's folder and environment hold where the manifest says nothing else", async () => {
    const command = script("pwd; echo $FROM_IMAGE $ADDED");
    const env = [{ name: "ADDED", value: "too" }];
    expect(await said({ command, env })).toBe("/home\nyes too");
    const own = { workingDir: "/tmp", env: [{ name: "FROM_IMAGE", value: "no" }] };
    expect(await said({ command, ...own })).toBe("/tmp\nno");
  });

  it("Kubelet read only busybox container should not write to root filesystem", async () => {
    const command = script("echo test > /file; sleep 0.1; ls /file 2>/dev/null; true");
    const { log } = await kit.run("read-only", { command, securityContext: { readOnlyRootFilesystem: true } });
    expect(log).toMatch(/Read-only file system/);
    expect(log).not.toMatch(/^\/file$/m);
  });

  const lastWords = async (container: object, phase = "Succeeded"): Promise<unknown> => {
    const main = { name: "test", image: "busybox", imagePullPolicy: "IfNotPresent", ...container };
    const pod: Pod = await kit.create("words", { restartPolicy: "Never", containers: [main] });
    return (await kit.phase(pod, phase)).status?.containerStatuses?.[0]?.state?.terminated?.message;
  };
  const onError = { terminationMessagePolicy: "FallbackToLogsOnError" };

  it("Container Runtime blackbox test should report termination message as non-root user at a non-default path", async () => {
    const terminationMessagePath = "/dev/termination-custom-log";
    const command = script(`printf DONE > ${terminationMessagePath}`);
    expect(await lastWords({ command, terminationMessagePath, securityContext: { runAsUser: 1000 } })).toBe("DONE");
  });

  it("Container Runtime blackbox test should report termination message from log output if FallbackToLogsOnError is set", async () => {
    expect(await lastWords({ command: script("printf DONE; exit 1"), ...onError }, "Failed")).toBe("DONE");
  });

  it("Container Runtime blackbox test should report termination message as empty when pod succeeds and FallbackToLogsOnError is set", async () => {
    expect(await lastWords({ command: script("printf DONE"), ...onError })).toBeUndefined();
  });

  it("Container Runtime blackbox test should report termination message from file when pod succeeds and FallbackToLogsOnError is set", async () => {
    expect(await lastWords({ command: script("printf OK > /dev/termination-log; printf DONE"), ...onError })).toBe(
      "OK",
    );
  });

  it("Container Runtime blackbox test container that exits should run with the expected status", async () => {
    const exits = async (restartPolicy: string, phase: string, restarts: number): Promise<void> => {
      // Fails the first time, and then runs (or has succeeded): a second failure would be held back for 10 s.
      const count = "cd /v; echo x >> runs; n=$(wc -l < runs)";
      const command = script(
        `${count}; [ $n -gt 1 ] || exit 1; ${restartPolicy === "Always" ? "sleep 1000" : "exit 0"}`,
      );
      const pod = await kit.create("exits", {
        restartPolicy,
        volumes: [{ name: "v", emptyDir: {} }],
        containers: [
          {
            ...{ name: "test", image: "busybox", imagePullPolicy: "IfNotPresent", command },
            volumeMounts: [{ name: "v", mountPath: "/v" }],
          },
        ],
      });
      await kit.until(
        pod,
        `is ${phase} after ${restarts} restarts`,
        ({ status }) =>
          status?.phase === phase &&
          status.containerStatuses?.[0]?.restartCount === restarts &&
          (phase !== "Running" || status.containerStatuses[0].state?.running),
      );
      await kit.delete(pod, 0);
    };
    await Promise.all([exits("Always", "Running", 1), exits("OnFailure", "Succeeded", 1), exits("Never", "Failed", 0)]);
  });
});
