import { chmodSync, chownSync, cpSync, existsSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { events } from "../api/core/event.js";
import { pods } from "../api/core/pod/pod.js";
import { services } from "../api/core/service.js";
import { type Cluster, root, startCluster, stopClusters, temporaryDir } from "./harness/cluster.js";
import { describeWith } from "./harness/needs.js";
import { readyPods } from "./harness/pods.js";
import { isRunning, programOf } from "./harness/processes.js";
import { describeQuickstart } from "./harness/quickstart.js";
import { eventually, run } from "./harness/run.js";

const user = 65534;

const asUser = ["setpriv", "--reuid", `${user}`, "--regid", `${user}`, "--clear-groups"];
/** In one user namespace that permits no further ones, without any capability. */
const confined = [
  ...[...asUser, "unshare", "--user", `--map-user=${user}`, `--map-group=${user}`, "--keep-caps", "sh", "-c"],
  'echo 0 >/proc/sys/user/max_user_namespaces && exec setpriv --ambient-caps=-all --inh-caps=-all "$@"',
  "sh",
];

const secretOfTheAgent = "not-for-pods";

describeWith(["root", "setpriv", "unshare"], "an ordinary user", () => {
  describe.each([
    { host: "who may have user namespaces", prefix: asUser, mounts: true },
    { host: "who may not have user namespaces", prefix: confined, mounts: false },
  ])("$host", ({ prefix, mounts }) => {
    let cluster: Cluster;
    let program: readonly string[];
    beforeAll(async () => {
      const home = temporaryDir();
      copyTree(join(home, "navarch"));
      for (const path of [home, join(home, "navarch")]) chownSync(path, user, user);
      chmodSync(home, 0o755);
      const own = ["env", `HOME=${home}`, `SECRET=${secretOfTheAgent}`];
      program = [...prefix, ...own, process.execPath, join(home, "navarch", "bin", "navarch")];
      const flags = ["--apply", join(home, "navarch", "manifests", "quickstart.yaml")];
      cluster = await startCluster({ dataDir: join(home, "data"), flags, program });
    });
    afterAll(stopClusters);

    describe("with the quickstart", () => {
      describeQuickstart({
        get cluster() {
          return cluster;
        },
        async restart() {
          const { dataDir, port } = cluster;
          cluster = await startCluster({ dataDir, port, program });
        },
      });

      it("has three pods again, run as that user", async () => {
        await cluster.ok(["scale", "deployment/my-app", "--replicas=3"]);
        for (const pod of await readyPods(cluster, 3)) {
          const status = readFileSync(`/proc/${await programOf(pod)}/status`, "utf8");
          expect(status).toMatch(new RegExp(`^Uid:\\t${user}\\t`, "m"));
          const { name } = pod.metadata;
          expect(await cluster.ok(["exec", name, "--", "sh", "-c", "echo $HOSTNAME"])).toBe(`${name}\n`);
        }
      });
    });

    it(mounts ? "gets a volume at its path" : "is told which volume cannot be had, and why", async () => {
      await cluster.client.create(pods, {
        metadata: { name: "mounting", namespace: "default" },
        spec: {
          restartPolicy: "Never",
          volumes: [{ name: "scratch", emptyDir: {} }],
          containers: [
            {
              name: "main",
              image: "busybox",
              command: ["sh", "-c", "echo here > /scratch/file && cat /scratch/file"],
              volumeMounts: [{ name: "scratch", mountPath: "/scratch" }],
            },
          ],
        },
      });
      const state = await eventually("it ran or waits", async () => {
        const { status } = await cluster.client.get(pods, { namespace: "default", name: "mounting" });
        const { terminated, waiting } = status?.containerStatuses?.[0]?.state ?? {};
        return terminated ?? (waiting?.reason === "CreateContainerConfigError" ? waiting : undefined);
      });
      if (mounts)
        expect([state, await cluster.ok(["logs", "mounting"])]).toEqual([
          expect.objectContaining({ reason: "Completed" }),
          "here\n",
        ]);
      else expect(state).toMatchObject({ message: expect.stringContaining("/scratch") });
    });

    it(
      mounts ? "keeps the cluster's secrets from pods" : "warns that pods can read the cluster's secrets",
      async () => {
        const { metadata } = (await readyPods(cluster, 3, { labelSelector: "app=my-app" }))[0] ?? {};
        const inPod = (script: string) => cluster.navctl(["exec", metadata?.name ?? "", "--", "sh", "-c", script]);
        const warned = readFileSync(join(cluster.dataDir, "navarch.log"), "utf8").includes(
          "can read the cluster's keys",
        );
        expect(warned).toBe(!mounts);
        for (const file of ["pki/ca.key", "kubeconfig", "store/data.mdb"]) {
          const { stdout } = await inPod(`wc -c <${cluster.dataDir}/${file}`);
          if (mounts) expect({ file, stdout }).toEqual({ file, stdout: "" });
        }
        if (mounts) expect((await inPod(`cat /proc/${cluster.process.pid}/environ`)).stdout).toBe("");
        const { stdout } = await inPod("env");
        expect(stdout).not.toContain(secretOfTheAgent);
      },
    );

    it("refuses a pod the host's files, network and processes, and names the flag that would not", async () => {
      await cluster.client.create(pods, {
        metadata: { name: "grasping", namespace: "default" },
        spec: {
          hostNetwork: true,
          hostPID: true,
          volumes: [{ name: "etc", hostPath: { path: "/etc" } }],
          containers: [{ name: "main", image: "busybox", volumeMounts: [{ name: "etc", mountPath: "/host" }] }],
        },
      });
      const said = await eventually("it is told", async () => {
        const { items } = await cluster.client.list(events, {
          namespace: "default",
          fieldSelector: "involvedObject.name=grasping,type=Warning",
        });
        const text = items.map(({ message }) => message).join("\n");
        return text.includes("--allow-host-access") ? text : undefined;
      });
      expect(said).toMatch(/hostPath|spec\.hostNetwork/);
      await cluster.ok(["delete", "pod", "grasping"]);
    });

    it("serves Services, and says of a port that it may not bind what to do", async () => {
      const [pod] = await readyPods(cluster, 3, { labelSelector: "app=my-app" });
      const { port = "" } = new URL(
        (await cluster.ok(["logs", pod?.metadata.name ?? ""])).match(/http:\S+/)?.[0] ?? "",
      );
      await cluster.ok(["create", "service", "clusterip", "my-app", `--tcp=8000:${port}`, `--tcp=80:${port}`]);
      const { spec } = await cluster.client.get(services, { namespace: "default", name: "my-app" });
      const names = (await readyPods(cluster, 3, { labelSelector: "app=my-app" })).map(({ metadata }) => metadata.name);
      const answer = await eventually("it answers", async () => (await fetch(`http://${spec.clusterIP}:8000`)).text());
      expect(names).toContain(answer.trim());
      const message = await eventually("it is told", async () => {
        const { items } = await cluster.client.list(events, {
          namespace: "default",
          fieldSelector: "involvedObject.kind=Service,involvedObject.name=my-app,reason=PortNotServed",
        });
        return items[0]?.message;
      });
      expect(message).toBe(
        `TCP ${spec.clusterIP}:80 is not served: this user may not bind ports below 1024; give the service a port from 1024 on, or let users bind it (sysctl net.ipv4.ip_unprivileged_port_start=80)`,
      );
      const { stdout } = await cluster.navctl(["exec", names[0] ?? "", "--", "printenv", "KUBERNETES_SERVICE_HOST"]);
      expect(stdout).toBe("127.0.0.1\n");
    });

    it("is told which data directory is not theirs, and what to do", async () => {
      const dataDir = join(temporaryDir(), "data");
      mkdirSync(dataDir, { mode: 0o700 });
      chmodSync(join(dataDir, ".."), 0o755);
      const [command = "", ...args] = program;
      const { code, stderr } = await run(command, [...args, "up", "--data-dir", dataDir, "--secure-port", "0"]);
      expect(code).toBe(1);
      expect(stderr).toContain(
        `error: ${dataDir} cannot be written (EACCES): choose another with --data-dir, or change its owner\n`,
      );
      rmSync(join(dataDir, ".."), { recursive: true });
    });

    it("stops and leaves nothing running", async () => {
      const programs = await Promise.all((await readyPods(cluster, 3, { labelSelector: "app=my-app" })).map(programOf));
      expect(await cluster.stop()).toBe(0);
      expect(programs.filter(isRunning)).toEqual([]);
    });
  });
});

/** What a package of it would hold: the programs, the manifests, and the one native dependency. */
function copyTree(target: string): void {
  mkdirSync(target);
  for (const name of ["bin", "dist", "manifests", "package.json"])
    cpSync(join(root, name), join(target, name), { recursive: true });
  const copied = new Set<string>();
  const copyPackage = (name: string): void => {
    const from = join(root, "node_modules", name);
    if (copied.has(name) || !existsSync(from)) return;
    copied.add(name);
    cpSync(from, join(target, "node_modules", name), { recursive: true });
    const { dependencies = {}, optionalDependencies = {} } = JSON.parse(
      readFileSync(join(from, "package.json"), "utf8"),
    );
    for (const each of Object.keys({ ...dependencies, ...optionalDependencies })) copyPackage(each);
  };
  copyPackage("lmdb");
}
