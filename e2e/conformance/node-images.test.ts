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
    const command = script("echo test > /file; ls /file 2>/dev/null; true");
    const { log } = await kit.run("read-only", { command, securityContext: { readOnlyRootFilesystem: true } });
    expect(log).toBe("sh: can't create /file: Read-only file system\n");
  });

  it("Container Runtime blackbox test should report termination message as non-root user at a non-default path", async () => {
    const terminationMessagePath = "/dev/termination-custom-log";
    const command = script(`id -u; printf DONE > ${terminationMessagePath}`);
    const container = { command, terminationMessagePath, securityContext: { runAsUser: 10_000 } };
    const { pod, log } = await kit.run("words", container);
    expect(log).toBe("10000\n");
    expect(pod.status?.containerStatuses?.[0]?.state?.terminated).toMatchObject({ exitCode: 0, message: "DONE" });
  });
});
