import type { Cluster } from "./harness/cluster.js";
import { quickstart, startCluster, stopClusters } from "./harness/cluster.js";
import { describeWith, findKubectls } from "./harness/needs.js";
import { namesOf, readyPods } from "./harness/pods.js";

/** Real ones, unmodified, each version that is here. */
describeWith(["kubectl"], "kubectl", () => {
  let cluster: Cluster;
  beforeAll(async () => {
    cluster = await startCluster();
  });
  afterAll(stopClusters);

  describe.each(findKubectls().map(({ version, path }) => ({ version, path })))("$version", ({ version, path }) => {
    const minor = Number(/^1\.(\d+)/.exec(version)?.[1] ?? 99);
    const namespace = `kubectl-${version.replace(/\W+/g, "-").toLowerCase().replace(/-$/, "")}`;
    const kubectl = async (...args: readonly string[]): Promise<string> => {
      const { code, stdout, stderr } = await cluster.kubectl(path, ["-n", namespace, ...args]);
      if (code !== 0) throw new Error(`kubectl ${args.join(" ")}: exit ${code}\n${stdout}${stderr}`);
      return stdout;
    };
    const failing = (...args: readonly string[]) => cluster.kubectl(path, ["-n", namespace, ...args]);

    beforeAll(async () => {
      await cluster.ok(["create", "namespace", namespace]);
    });

    it("applies, gets, and describes", async () => {
      expect(await kubectl("apply", "--validate=false", "-f", quickstart)).toBe("deployment.apps/my-app created\n");
      expect(await kubectl("rollout", "status", "deployment/my-app", "--timeout=60s")).toContain(
        'deployment "my-app" successfully rolled out\n',
      );
      expect(await kubectl("apply", "--validate=false", "-f", quickstart)).toBe("deployment.apps/my-app unchanged\n");
      const pods = await readyPods(cluster, 3, { namespace });
      const rows = (await kubectl("get", "pods", "-o", "wide")).trimEnd().split("\n");
      expect(rows[0]).toMatch(/^NAME +READY +STATUS +RESTARTS +AGE +IP +NODE +NOMINATED NODE +READINESS GATES$/);
      expect(rows.slice(1).map((row) => row.split(/ +/)[0])).toEqual(namesOf(pods));
      for (const row of rows.slice(1))
        expect(row).toMatch(/ 1\/1 +Running +0 +\d+s +127\.\S+ +node-1 +<none> +<none>$/);
      expect(await kubectl("get", "all")).toContain("replicaset.apps/my-app-");
      expect(await kubectl("get", "deployment/my-app", "-o", "jsonpath={.status.readyReplicas}")).toBe("3");
      const described = await kubectl("describe", "deployment/my-app");
      expect(described).toMatch(/Replicas: +3 desired \| 3 updated \| 3 total \| 3 available \| 0 unavailable/);
      expect(described).toContain("ScalingReplicaSet");
      expect(await kubectl("describe", "pod", namesOf(pods)[0] ?? "")).toMatch(/Normal +Started .* Container started/);
    });

    it("scales, labels, annotates, and selects", async () => {
      expect(await kubectl("scale", "deployment/my-app", "--replicas=2")).toBe("deployment.apps/my-app scaled\n");
      const [first, second] = namesOf(await readyPods(cluster, 2, { namespace }));
      const pod = `pod/${first}`;
      expect(await kubectl("label", pod, "tier=front")).toBe(`${pod} labeled\n`);
      expect(await kubectl("get", "pods", "-l", "tier=front", "-o", "name")).toBe(`${pod}\n`);
      expect(await kubectl("get", "pods", "-l", "tier!=front,app=my-app", "-o", "name")).toBe(`pod/${second}\n`);
      expect(await failing("label", pod, "tier=back")).toMatchObject({
        code: 1,
        stderr: expect.stringContaining("'tier' already has a value (front), and --overwrite is false"),
      });
      expect(await kubectl("annotate", pod, "note=seen")).toMatch(/annotated?\n$/);
      expect(await kubectl("get", pod, "-o", "jsonpath={.metadata.annotations.note}")).toBe("seen");
      expect(await kubectl("get", "pods", "--field-selector", `metadata.name=${second}`, "-o", "name")).toBe(
        `pod/${second}\n`,
      );
    });

    it("follows a rollout, shows its history, and undoes it", async () => {
      expect(await kubectl("rollout", "restart", "deployment/my-app")).toBe("deployment.apps/my-app restarted\n");
      await kubectl("rollout", "status", "deployment/my-app", "--timeout=60s");
      expect(await kubectl("rollout", "history", "deployment/my-app")).toMatch(
        /REVISION +CHANGE-CAUSE\n1 +<none>\n2 +<none>/,
      );
      expect(await kubectl("rollout", "undo", "deployment/my-app")).toBe("deployment.apps/my-app rolled back\n");
      await kubectl("rollout", "status", "deployment/my-app", "--timeout=60s");
      expect(await kubectl("rollout", "pause", "deployment/my-app")).toBe("deployment.apps/my-app paused\n");
      expect(await kubectl("rollout", "resume", "deployment/my-app")).toBe("deployment.apps/my-app resumed\n");
    });

    it("reads logs", async () => {
      await readyPods(cluster, 2, { namespace });
      expect(await kubectl("logs", "-l", "app=my-app", "--tail=1")).toMatch(/listening on http:\/\/127\./);
      const [first] = namesOf(await readyPods(cluster, 2, { namespace }));
      expect(await kubectl("logs", first ?? "", "--timestamps")).toMatch(/^\d{4}-\d\d-\d\dT\S+Z listening on /);
    });

    // Earlier versions speak only SPDY for it.
    if (minor >= 30)
      it("runs a command in a container, with its input and exit code", async () => {
        const [first = ""] = namesOf(await readyPods(cluster, 2, { namespace }));
        expect(await kubectl("exec", first, "--", "sh", "-c", "echo $HOSTNAME; echo $POD_IP")).toMatch(
          new RegExp(`^${first}\n127\\.`),
        );
        const echoed = await cluster.kubectl(path, ["-n", namespace, "exec", "-i", first, "--", "cat"], {
          input: "tell me\n",
        });
        expect(echoed).toMatchObject({ code: 0, stdout: "tell me\n" });
        expect(await failing("exec", first, "--", "sh", "-c", "exit 7")).toMatchObject({
          code: 7,
          stderr: expect.stringContaining("command terminated with exit code 7"),
        });
      });

    it("is told what is wrong in words that it shows", async () => {
      expect(await failing("get", "pod", "nobody")).toMatchObject({
        code: 1,
        stderr: 'Error from server (NotFound): pods "nobody" not found\n',
      });
      expect((await failing("get", "gizmos")).stderr).toContain(
        `error: the server doesn't have a resource type "gizmos"`,
      );
    });

    it("deletes, and waits until it is gone", async () => {
      expect(await kubectl("delete", "deployment/my-app")).toContain('deployment.apps "my-app" deleted');
      expect((await failing("get", "deployment/my-app")).stderr).toContain('deployments.apps "my-app" not found');
      expect(await kubectl("delete", "namespace", namespace)).toContain(`namespace "${namespace}" deleted`);
      expect((await cluster.navctl(["get", "namespace", namespace])).code).toBe(1);
    });
  });
});
