import { pods } from "../../api/core/pod/pod.js";
import { StatusError } from "../../apimachinery/status.js";
import { onRuntimes, type PodKit, script } from "../harness/conformance.js";

jest.setTimeout(60_000);

onRuntimes(["cri"], "security context", (kit) => {
  const output = async (command: string, securityContext: object, spec = {}): Promise<string> =>
    (await kit.run("secured", { command: script(command), securityContext }, spec)).log.trim();

  it("Security Context should run the container with uid 65534", async () => {
    expect(await output("id -u", { runAsUser: 65534 })).toBe("65534");
  });

  it("Security Context should support pod RunAsUser and RunAsGroup", async () => {
    expect(await output("id", {}, { securityContext: { runAsUser: 1001, runAsGroup: 2002 } })).toMatch(
      /^uid=1001 gid=2002/,
    );
  });

  it("Security Context should support container RunAsUser and RunAsGroup", async () => {
    const ofPod = { securityContext: { runAsUser: 1, runAsGroup: 2 } };
    expect(await output("id", { runAsUser: 1001, runAsGroup: 2002 }, ofPod)).toMatch(/^uid=1001 gid=2002/);
  });

  it("Security Context should run the container as unprivileged when false", async () => {
    const mount = "mount -t tmpfs none /mnt 2>&1 && echo mounted || true";
    expect(await output(`mkdir -p /mnt; ${mount}`, { privileged: false })).toMatch(/ermission denied|not permitted/);
    expect(await output(`mkdir -p /mnt; ${mount}`, { privileged: true })).toBe("mounted");
  });

  it("Security Context should run the container with writable rootfs when readOnlyRootFilesystem=false", async () => {
    const touch = "touch /new 2>&1 && echo written || true";
    expect(await output(touch, { readOnlyRootFilesystem: false })).toBe("written");
    expect(await output(touch, { readOnlyRootFilesystem: true })).toMatch(/Read-only file system/);
  });

  it("Security Context should not allow privilege escalation when false", async () => {
    const command = "grep NoNewPrivs /proc/self/status";
    expect(await output(command, { runAsUser: 1000, allowPrivilegeEscalation: false })).toMatch(/1$/);
    expect(await output(command, { runAsUser: 1000, allowPrivilegeEscalation: true })).toMatch(/0$/);
    expect(await output(command, { runAsUser: 1000 })).toMatch(/0$/);
  });

  it("groups besides the user's own come from the pod", async () => {
    const securityContext = { runAsUser: 1234, runAsGroup: 1234, supplementalGroups: [4711, 4712] };
    expect(await output("id -G", {}, { securityContext })).toMatch(/4711 4712/);
  });

  it("a group without a user is that of the image's user", async () => {
    expect(await output("id", {}, { securityContext: { runAsGroup: 2002 } })).toMatch(/^uid=0\S* gid=2002/);
  });

  it("volumes belong to the pod's group, tokens to its user", async () => {
    const name = await kit.configMap({ file: "text" });
    const volumes = [
      { name: "config", configMap: { name, defaultMode: 0o400 } },
      { name: "empty", emptyDir: {} },
      { name: "token", projected: { sources: [{ serviceAccountToken: { path: "token" } }] } },
    ];
    const volumeMounts = volumes.map((volume) => ({ name: volume.name, mountPath: `/v/${volume.name}` }));
    const look = async (securityContext: object): Promise<readonly string[]> => {
      const show = 'stat -L -c "%a %u:%g" /v/config/file /v/token/token /v/empty /v/empty/new';
      const command = script(`touch /v/empty/new && cat /v/token/token >/dev/null && ${show}`);
      return (await kit.run("owned", { command, volumeMounts }, { volumes, securityContext })).log.trim().split("\n");
    };
    expect(await look({ runAsUser: 1000, fsGroup: 4711 })).toEqual([
      ...["440 0:4711", "640 1000:4711", "2777 0:4711", "644 1000:4711"],
    ]);
    expect(await look({ runAsUser: 1000 })).toEqual(["400 0:0", "600 1000:0", "777 0:0", "644 1000:0"]);
    expect(await look({})).toEqual(["400 0:0", "644 0:0", "777 0:0", "644 0:0"]);
  });

  it("what the agent writes in a volume, the pod cannot change", async () => {
    const name = await kit.configMap({ file: "text" });
    const container = {
      command: script("ln -s /etc /v/..trap 2>&1 || true; rm /v/..data 2>&1 || true"),
      volumeMounts: [{ name: "v", mountPath: "/v" }],
    };
    const { log } = await kit.run("trap", container, { volumes: [{ name: "v", configMap: { name } }] });
    expect(log.match(/Read-only file system/g)?.length).toBe(2);
  });

  it("capabilities are added and dropped, by name and all of them", async () => {
    const own = "grep CapEff /proc/self/status | cut -f2";
    const bits = async (capabilities: object): Promise<bigint> => BigInt(`0x${await output(own, { capabilities })}`);
    const usual = await bits({});
    const netAdmin = 1n << 12n;
    const chown = 1n << 0n;
    expect(usual & netAdmin).toBe(0n);
    expect(usual & chown).toBe(chown);
    expect(await bits({ add: ["NET_ADMIN"], drop: ["CHOWN"] })).toBe((usual | netAdmin) & ~chown);
    expect(await bits({ drop: ["ALL"], add: ["NET_ADMIN"] })).toBe(netAdmin);
  });

  it("root is refused to a container that must not run as root, at each restart, too", async () => {
    const waiting = (now: Awaited<ReturnType<PodKit["get"]>>) => now.status?.containerStatuses?.[0]?.state?.waiting;
    const asRoot = await kit.create("root", {
      securityContext: { runAsNonRoot: true },
      containers: [{ name: "test", image: "busybox", imagePullPolicy: "IfNotPresent", command: script("sleep 100") }],
    });
    const refused = await kit.until(
      asRoot,
      "is refused",
      (now) => waiting(now)?.reason === "CreateContainerConfigError",
    );
    expect(waiting(refused)?.message).toMatch(/^container has runAsNonRoot and image will run as root \(pod: "root/);
    const user = await kit.create("user", {
      restartPolicy: "Always",
      securityContext: { runAsNonRoot: true, runAsUser: 1000 },
      containers: [
        {
          name: "test",
          image: "busybox",
          imagePullPolicy: "IfNotPresent",
          command: script("id -u; sleep 0.2; exit 1"),
        },
      ],
    });
    const again = await kit.until(
      user,
      "has run twice",
      (now) => (now.status?.containerStatuses?.[0]?.restartCount ?? 0) > 0,
    );
    expect(again.status?.containerStatuses?.[0]?.lastState?.terminated?.exitCode).toBe(1);
    expect((await kit.log(again)).trim()).toBe("1000");
  });

  it("containers see each other's processes only where the pod says so", async () => {
    const seen = async (shareProcessNamespace: boolean): Promise<string> => {
      const container = { image: "busybox", imagePullPolicy: "IfNotPresent" };
      const pod = await kit.create("sharing", {
        shareProcessNamespace,
        containers: [
          { ...container, name: "one", command: script("exec sleep 54321") },
          { ...container, name: "two", command: script("sleep 1; ps; echo seen; exec sleep 1000") },
        ],
      });
      return kit.logged(pod, "seen", "two");
    };
    const shared = await seen(true);
    expect(shared).toMatch(/sleep 54321/);
    expect(shared).toMatch(/^\s+1 .*\/pause/m);
    expect(await seen(false)).not.toMatch(/sleep 54321|pause/);
  });

  it("the host's processes, network and messages are seen where the pod says so, and only there", async () => {
    const namespaces = "for n in pid net ipc uts; do readlink /proc/self/ns/$n; done";
    const host = (await output(namespaces, {}, { hostPID: true, hostNetwork: true, hostIPC: true })).split("\n");
    const { readlinkSync } = await import("node:fs");
    expect(host.slice(0, 3)).toEqual(["pid", "net", "ipc"].map((name) => readlinkSync(`/proc/self/ns/${name}`)));
    const own = (await output(namespaces, {})).split("\n");
    expect(own.filter((name) => host.includes(name))).toEqual([]);
  });

  it("Sysctls should support sysctls", async () => {
    const securityContext = { sysctls: [{ name: "kernel.shm_rmid_forced", value: "1" }] };
    expect(await output("cat /proc/sys/kernel/shm_rmid_forced", {}, { securityContext })).toBe("1");
    expect(await output("cat /proc/sys/kernel/shm_rmid_forced", {})).toBe("0");
  });

  it("Sysctls should reject invalid sysctls", async () => {
    const names = ["foo-", "kernel.shmmax", "safe-and-unsafe", "bar.."];
    const refused: unknown = await kit.client
      .create(pods, {
        metadata: { name: kit.name("sysctl"), namespace: kit.namespace },
        spec: {
          securityContext: { sysctls: names.map((name) => ({ name, value: "1" })) },
          containers: [{ name: "test", image: "busybox" }],
        } as never,
      })
      .catch((error: unknown) => error);
    const message = refused instanceof StatusError ? refused.message : "";
    expect(message).toContain('spec.securityContext.sysctls[0].name: Invalid value: "foo-"');
    expect(message).toContain('spec.securityContext.sysctls[3].name: Invalid value: "bar.."');
    expect(message).not.toContain("kernel.shmmax");
  });

  it("limits are seen from inside, and the cgroup says what sort of pod it is", async () => {
    const read =
      "cat /sys/fs/cgroup/memory.max /sys/fs/cgroup/cpu.max 2>/dev/null || cat /sys/fs/cgroup/memory/memory.limit_in_bytes /sys/fs/cgroup/cpu/cpu.cfs_quota_us";
    const limits = { cpu: "500m", memory: "64Mi" };
    const { log } = await kit.run("limited", { command: script(read), resources: { limits } });
    expect(log.trim().split("\n")[0]).toBe(String(64 * 1024 * 1024));
    expect(log.trim().split("\n")[1]).toMatch(/^50000( 100000)?$/);
  });
});
