import { type Cluster, startCluster, stopClusters } from "./harness/cluster.js";
import { describeWith, findKubectls } from "./harness/needs.js";
import { eventually } from "./harness/run.js";

// kubectl from 1.33 on writes and reads protocol buffers where it knows the kind; older ones do so in places.
describeWith(["kubectl"], "kubectl's own constructors", () => {
  let cluster: Cluster;
  beforeAll(async () => {
    cluster = await startCluster({ flags: ["--runtime", "simulated"] });
  });
  afterAll(stopClusters);

  describe.each(findKubectls())("$version", ({ version, path }) => {
    const name = `k${version.replace(/\D+/g, "")}`;
    const kubectl = async (...args: readonly string[]): Promise<string> => {
      const { code, stdout, stderr } = await cluster.kubectl(path, args);
      if (code !== 0) throw new Error(`kubectl ${args.join(" ")}: exit ${code}\n${stderr}`);
      return stdout;
    };

    it.each([
      ["namespace", [], "namespace"],
      ["configmap", ["--from-literal=text=ä €"], "configmap"],
      ["secret", ["generic", "--from-literal=a=b"], "secret"],
      ["serviceaccount", [], "serviceaccount"],
      ["service", ["clusterip", "--tcp=80:8080"], "service"],
      ["deployment", ["--image=my-app:latest", "--replicas=0"], "deployment.apps"],
      ["role", ["--verb=get", "--resource=pods"], "role.rbac.authorization.k8s.io"],
      ["rolebinding", ["--role=x", "--user=somebody"], "rolebinding.rbac.authorization.k8s.io"],
      ["clusterrole", ["--verb=get", "--non-resource-url=/x"], "clusterrole.rbac.authorization.k8s.io"],
      ["priorityclass", ["--value=7"], "priorityclass.scheduling.k8s.io"],
    ])("creates a %s", async (kind, args, shown) => {
      const [first, ...rest] = args;
      const typed =
        first !== undefined && !first.startsWith("--") ? [kind, first, name, ...rest] : [kind, name, ...args];
      expect(await kubectl("create", ...typed)).toBe(`${shown}/${name} created\n`);
    });

    it("finds what it created as it meant it", async () => {
      expect(await kubectl("get", "configmap", name, "-o", "jsonpath={.data.text}")).toBe("ä €");
      const { spec } = await cluster.json<{ readonly spec: Readonly<Record<string, unknown>> }>([
        "get",
        "deployment",
        name,
      ]);
      expect(spec).toMatchObject({ replicas: 0, strategy: { type: "RollingUpdate" } });
      expect(spec).not.toHaveProperty("paused");
      expect(await kubectl("describe", "deployment", name)).toMatch(/Replicas:\s+0 desired/);
    });

    it("asks what it may", async () => {
      expect(await kubectl("auth", "can-i", "create", "pods")).toBe("yes\n");
      const { code, stdout } = await cluster.kubectl(path, ["auth", "can-i", "create", "pods", "--as=nobody"]);
      expect([code, stdout]).toEqual([1, "no\n"]);
    });

    if (!version.startsWith("1.20"))
      it("gets a token", async () => {
        await eventually("the default service account", async () => kubectl("get", "serviceaccount", "default"));
        expect(await kubectl("create", "token", "default")).toMatch(/^eyJ/);
      });

    it("follows a rollout and removes what it made", async () => {
      await kubectl("scale", "deployment", name, "--replicas=2");
      expect(await kubectl("rollout", "status", "deployment", name, "--timeout=60s")).toContain(
        "successfully rolled out",
      );
      expect(await kubectl("delete", "deployment", name)).toContain("deleted");
    });
  });
});
