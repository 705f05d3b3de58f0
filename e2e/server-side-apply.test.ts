import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { deployments } from "../api/apps/deployment.js";
import { type Cluster, quickstart, readText, startCluster, stopClusters } from "./harness/cluster.js";
import { describeWith, findKubectls } from "./harness/needs.js";

describeWith(["kubectl"], "server-side apply by kubectl as it is", () => {
  let cluster: Cluster;
  beforeAll(async () => {
    cluster = await startCluster({ flags: ["--runtime", "simulated"] });
  });
  afterAll(stopClusters);

  const newest = findKubectls()
    .filter(({ version }) => /^1\.\d+$/.test(version))
    .toSorted((one, other) => Number(one.version.slice(2)) - Number(other.version.slice(2)))
    .slice(-1);

  describe.each(newest)("$version", ({ path }) => {
    const kubectl = (...args: readonly string[]) => cluster.kubectl(path, args);
    /** A manifest of a deployment of this name, with some changes. */
    const manifest = (name: string, ...changes: readonly (readonly [from: string, to: string])[]): string => {
      const text = changes.reduce(
        (made, [from, to]) => made.replace(from, to),
        readText(quickstart).replace("name: my-app\n", `name: ${name}\n`),
      );
      const file = join(cluster.dataDir, `${name}.yaml`);
      writeFileSync(file, text);
      return file;
    };
    const read = (name: string) => cluster.client.get(deployments, { namespace: "default", name });

    it("creates, changes, and changes nothing when there is nothing to change", async () => {
      const done = { code: 0, stdout: "deployment.apps/made serverside-applied\n" };
      expect(await kubectl("apply", "--server-side", "-f", manifest("made"))).toMatchObject(done);
      const { metadata } = await read("made");
      const [entry] = metadata.managedFields ?? [];
      expect(entry).toMatchObject({ manager: "kubectl", operation: "Apply", apiVersion: "apps/v1" });
      const file = manifest("made", ["replicas: 3", "replicas: 2"]);
      expect(await kubectl("apply", "--server-side", "-f", file)).toMatchObject(done);
      const changed = await read("made");
      expect(changed.spec.replicas).toBe(2);
      expect(await kubectl("apply", "--server-side", "-f", file)).toMatchObject(done);
      expect((await read("made")).metadata.generation).toBe(changed.metadata.generation);
    });

    it("refuses what another manages, takes it by force, and gives back what it leaves out", async () => {
      const file = manifest("shared");
      expect((await kubectl("apply", "--server-side", "--field-manager=first", "-f", file)).code).toBe(0);
      manifest("shared", ["replicas: 3", "replicas: 2"]);
      const second = ["apply", "--server-side", "--field-manager=second", "-f", file];
      const refused = await kubectl(...second);
      expect(refused.code).toBe(1);
      expect(refused.stderr).toContain('Apply failed with 1 conflict: conflict with "first": .spec.replicas');
      expect(refused.stderr).toContain("If you intend to manage all of these fields");
      expect(await kubectl(...second, "--force-conflicts")).toMatchObject({ code: 0 });
      expect((await read("shared")).spec.replicas).toBe(2);
      manifest("shared", [/\n *replicas: 3/.exec(readText(quickstart))?.[0] ?? "", ""]);
      expect(await kubectl(...second)).toMatchObject({ code: 0 });
      expect((await read("shared")).spec.replicas).toBe(1);
    });

    it("takes over what was applied from the client", async () => {
      const file = manifest("upgraded");
      expect((await kubectl("apply", "-f", file)).code).toBe(0);
      manifest("upgraded", ["replicas: 3", "replicas: 2"]);
      expect(await kubectl("apply", "--server-side", "-f", file)).toMatchObject({ code: 0 });
      const { spec, metadata } = await read("upgraded");
      expect(spec.replicas).toBe(2);
      const managers = (metadata.managedFields ?? []).map(({ manager, operation }) => `${manager} ${operation}`);
      expect(managers).toContain("kubectl Apply");
      expect(managers).not.toContain("kubectl-client-side-apply Update");
    });

    it("is done by navctl just so", async () => {
      const file = manifest("ours");
      const navctl = (...args: readonly string[]) => cluster.navctl(["apply", "--server-side", "-f", file, ...args]);
      const done = { code: 0, stdout: "deployment.apps/ours serverside-applied\n" };
      expect(await navctl("--field-manager=first")).toMatchObject(done);
      manifest("ours", ["replicas: 3", "replicas: 2"]);
      const refused = await navctl();
      expect(refused.code).toBe(1);
      expect(refused.stderr).toContain('Apply failed with 1 conflict: conflict with "first": .spec.replicas');
      expect(refused.stderr).toContain("--force-conflicts");
      expect(await navctl("--force-conflicts")).toMatchObject(done);
      expect((await read("ours")).spec.replicas).toBe(2);
      expect(await kubectl("apply", "--server-side", "-f", file)).toMatchObject(done);
    });

    it("keeps managedFields out of sight until they are asked for", async () => {
      expect((await kubectl("get", "deployment", "made", "-o", "yaml")).stdout).not.toContain("managedFields");
      const shown = await kubectl("get", "deployment", "made", "-o", "yaml", "--show-managed-fields");
      expect(shown.stdout).toContain("f:replicas: {}");
      expect((await cluster.navctl(["get", "deployment", "made", "-o", "yaml"])).stdout).not.toContain("managedFields");
    });
  });
});
