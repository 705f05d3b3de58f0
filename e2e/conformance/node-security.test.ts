import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Pod, pods } from "../../api/core/pod/pod.js";
import { StatusError } from "../../apimachinery/status.js";
import { onRuntimes, type PodKit, script } from "../harness/conformance.js";
import { pidsOf } from "../harness/containerd.js";
import { busyboxImage } from "../harness/oci-image.js";
import { file, symlink } from "../harness/tar.js";

onRuntimes(
  ["cri"],
  "security context",
  (kit) => {
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
      const link = "ip link add dummy0 type dummy 2>&1 || true";
      expect(await output(link, { privileged: false })).toMatch(/Operation not permitted/);
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
      const image = "docker.io/library/setuid:1";
      const program = file("bin/su", readFileSync("/bin/busybox"), { mode: 0o4755 });
      kit.importImages({ [image]: busyboxImage({ layers: [[program]] }) });
      const asRoot = async (allowPrivilegeEscalation: boolean): Promise<string> => {
        const container = { image, command: script("/bin/su -c true 2>&1 </dev/null || true") };
        return (await kit.run("suid", { ...container, securityContext: { runAsUser: 1000, allowPrivilegeEscalation } }))
          .log;
      };
      expect(await asRoot(true)).toMatch(/incorrect password/);
      expect(await asRoot(false)).toMatch(/must be suid to work properly/);
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
      expect((await kit.logged(again, "1000")).trim()).toBe("1000");
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
      for (const name of ["kernel.shmmax", "safe-and-unsafe"]) expect(message).not.toContain(name);
    });

    it("a sysctl that is not safe ends the pod, unless the node lets it in", async () => {
      const asking = (name: string) => ({
        containers: [{ name: "test", image: "busybox", imagePullPolicy: "IfNotPresent" }],
        securityContext: { sysctls: [{ name, value: "8192" }] },
      });
      const refused = await kit.phase(await kit.create("unsafe", asking("kernel.msgmni")), "Failed");
      expect(refused.status).toMatchObject({
        reason: "SysctlForbidden",
        message: 'Pod was rejected: forbidden sysctl: "kernel.msgmni" not allowlisted',
      });
      const securityContext = { sysctls: [{ name: "kernel.msgmax", value: "8193" }] };
      expect(await output("cat /proc/sys/kernel/msgmax", {}, { securityContext })).toBe("8193");
    });

    it("seccomp confines as the profile says: the runtime's, none, or one of the node's", async () => {
      const dir = join(kit.cluster.dataDir, "nodes", "node-1", "seccomp");
      mkdirSync(dir);
      const noChmod = { names: ["chmod", "fchmod", "fchmodat", "fchmodat2"], action: "SCMP_ACT_ERRNO" };
      writeFileSync(
        join(dir, "no-chmod.json"),
        JSON.stringify({ defaultAction: "SCMP_ACT_ALLOW", syscalls: [noChmod] }),
      );
      writeFileSync(join(dir, "empty.json"), "");
      writeFileSync(join(dir, "foreign.json"), '{"default": "deny"}');
      const mode = (seccompProfile: object): Promise<string> =>
        output("grep Seccomp: /proc/self/status | cut -f2; chmod 600 /etc/passwd 2>&1 || true", { seccompProfile });
      expect(await mode({ type: "RuntimeDefault" })).toBe("2");
      expect(await mode({ type: "Unconfined" })).toBe("0");
      expect(await mode({ type: "Localhost", localhostProfile: "no-chmod.json" })).toMatch(/^2\n.*not permitted/);
      for (const [localhostProfile, why] of [
        ["empty.json", "it is empty"],
        ["foreign.json", "it has no defaultAction"],
        ["absent.json", "there is no such file"],
      ] as const) {
        const pod = await kit.create("seccomp", {
          securityContext: { seccompProfile: { type: "Localhost", localhostProfile } },
          containers: [{ name: "test", image: "busybox", imagePullPolicy: "IfNotPresent" }],
        });
        const { waiting } =
          (await kit.until(pod, "waits", (now) => stateOf(now)?.waiting?.reason === "CreateContainerConfigError"))
            .status?.containerStatuses?.[0]?.state ?? {};
        expect(waiting?.message).toContain(`seccomp profile "${localhostProfile}" cannot be used: ${why}`);
        await kit.delete(pod, 0);
      }
      await expect(
        kit.create("seccomp", {
          securityContext: { seccompProfile: { type: "Localhost", localhostProfile: "../../pki/ca.key" } },
          containers: [{ name: "test", image: "busybox" }],
        }),
      ).rejects.toThrow("must not contain '..'");
    });

    it("an image whose links and entries lead out of it reaches nothing of the host", async () => {
      const outside = join(tmpdir(), `navarch-escape-${process.pid}`);
      mkdirSync(outside);
      try {
        const name = outside.slice(1);
        kit.importImages({
          "docker.io/library/evil:1": busyboxImage({
            layers: [
              [
                file(`/${name}/absolute`, "x"),
                file(`../../../../../../../..${outside}/upwards`, "x"),
                symlink("out", outside),
                symlink("up", `../../../../../../../..${outside}`),
                file("out/through", "x"),
              ],
              [
                symlink("etc/hosts", `${outside}/hosts`),
                symlink("data", outside),
                symlink("dev/termination-log", outside),
              ],
            ],
            volumes: ["/up"],
          }),
        });
        const command = script("echo hello > /data/file; echo bye > /up/file; ls /data; echo done");
        const volumes = [{ name: "v", emptyDir: {} }];
        const evil = {
          image: "docker.io/library/evil:1",
          command,
          volumeMounts: [{ name: "v", mountPath: "/data/below" }],
        };
        const pod = await kit.create("evil", {
          restartPolicy: "Never",
          volumes,
          containers: [{ name: "test", imagePullPolicy: "IfNotPresent", ...evil }],
        });
        // It runs, and all that it was led to lies in its own root.
        await kit.phase(pod, "Succeeded");
        expect((await kit.log(pod)).split("\n")).toEqual(
          expect.arrayContaining(["absolute", "upwards", "through", "file", "done"]),
        );
        await kit.delete(pod, 0);
        expect(readdirSync(outside)).toEqual([]);
      } finally {
        rmSync(outside, { recursive: true, force: true });
      }
    });

    it("limits are seen from inside, and the cgroup says what sort of pod it is", async () => {
      const read =
        "cat /sys/fs/cgroup/memory.max /sys/fs/cgroup/cpu.max 2>/dev/null || cat /sys/fs/cgroup/memory/memory.limit_in_bytes /sys/fs/cgroup/cpu/cpu.cfs_quota_us";
      const limits = { cpu: "500m", memory: "64Mi" };
      const { log } = await kit.run("limited", { command: script(read), resources: { limits } });
      expect(log.trim().split("\n")[0]).toBe(String(64 * 1024 * 1024));
      expect(log.trim().split("\n")[1]).toMatch(/^50000( 100000)?$/);
    });

    it("a pod's cgroup lies where its class of quality has it", async () => {
      const amounts = { cpu: "10m", memory: "16Mi" };
      const pathOf = async (resources: object): Promise<string> => {
        const container = { name: "test", image: "busybox", imagePullPolicy: "IfNotPresent", resources };
        const pod = await kit.create("class", { containers: [{ ...container, command: script("sleep 1000") }] });
        const { status } = await kit.until(pod, "runs", (now) => stateOf(now)?.running);
        const [pid] = pidsOf(status?.containerStatuses?.[0]?.containerID ?? "");
        const text = readFileSync(`/proc/${pid}/cgroup`, "utf8");
        await kit.delete(pod, 0);
        return text.replaceAll(pod.metadata.uid, "UID");
      };
      expect(await pathOf({})).toMatch(/\/kubepods\/besteffort\/podUID\//);
      expect(await pathOf({ requests: amounts })).toMatch(/\/kubepods\/burstable\/podUID\//);
      expect(await pathOf({ requests: amounts, limits: amounts })).toMatch(/\/kubepods\/podUID\//);
    });
  },
  { flags: ["--allowed-unsafe-sysctls", "kernel.msgmax"] },
);

const stateOf = ({ status }: Pod) => status?.containerStatuses?.[0]?.state;
