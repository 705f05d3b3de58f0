import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Cluster, quickstart, readText, startCluster, stopClusters } from "./harness/cluster.js";
import { describeWith, findKubectls } from "./harness/needs.js";

describeWith(["kubectl"], "kubectl as it is", () => {
  let cluster: Cluster;
  beforeAll(async () => {
    cluster = await startCluster({ flags: ["--runtime", "simulated"] });
  });
  afterAll(stopClusters);

  const kubectls = findKubectls();

  /** A manifest of a deployment of this name, with some changes. */
  function manifest(name: string, ...changes: readonly (readonly [from: string, to: string])[]): string {
    const text = changes.reduce(
      (made, [from, to]) => made.replace(from, to),
      readText(quickstart).replace("name: my-app\n", `name: ${name}\n`),
    );
    const file = join(cluster.dataDir, `${name}.yaml`);
    writeFileSync(file, text);
    return file;
  }

  describe.each(kubectls)("$version", ({ version, path }) => {
    const name = `kubectl-${version.replace(/\W+/g, "-").toLowerCase()}`.replace(/-$/, "");
    const kubectl = (...args: readonly string[]) => cluster.kubectl(path, args);

    it("applies, applies changes and creates, checking against the published schemas", async () => {
      const file = manifest(name);
      expect(await kubectl("create", "--save-config", "-f", file)).toMatchObject({
        code: 0,
        stdout: `deployment.apps/${name} created\n`,
      });
      expect((await kubectl("apply", "-f", file)).stdout).toBe(`deployment.apps/${name} unchanged\n`);
      manifest(name, ["replicas: 3", "replicas: 2"]);
      expect((await kubectl("apply", "-f", file)).stdout).toBe(`deployment.apps/${name} configured\n`);
      expect((await kubectl("apply", "--dry-run=server", "-f", file)).stdout).toContain("(server dry run)");
      expect((await kubectl("delete", "--wait=false", "-f", file)).code).toBe(0);
    });

    it("refuses a misspelt field", async () => {
      const file = manifest(`${name}-misspelt`, ["replicas: 3", "replicsa: 3"]);
      for (const verb of ["apply", "create"]) {
        const { code, stderr } = await kubectl(verb, "-f", file);
        expect(code).toBe(1);
        expect(stderr).toMatch(
          /strict decoding error: unknown field "spec\.replicsa"|ValidationError\(Deployment\.spec\): unknown field "replicsa"/,
        );
      }
    });

    it("explains kinds and fields", async () => {
      const { code, stdout } = await kubectl("explain", "deployment.spec.strategy");
      expect(code).toBe(0);
      expect(stdout).toMatch(/rollingUpdate\s+<(RollingUpdateDeployment|Object)>/);
      expect(stdout).toContain("How pods of the old template give way to those of the new one.");
      const fields = (await kubectl("explain", "pod.spec.containers", "--recursive")).stdout;
      for (const field of ["livenessProbe", "httpGet", "limits", "imagePullPolicy", "secretKeyRef"])
        expect(fields).toMatch(new RegExp(`^\\s+${field}\\s+<`, "m"));
      expect((await kubectl("explain", "pod.spec.nothing")).code).toBe(1);
    });
  });
});
