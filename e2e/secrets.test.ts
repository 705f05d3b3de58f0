import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { pods } from "../api/core/pod/pod.js";
import { secrets } from "../api/core/secret.js";
import { type Cluster, startCluster, stopClusters } from "./harness/cluster.js";
import { programOf } from "./harness/processes.js";
import { eventually } from "./harness/run.js";

describe("what a pod cannot read", () => {
  let cluster: Cluster;
  let ssh: string;
  beforeAll(async () => {
    mkdirSync(join(homedir(), ".ssh"), { recursive: true, mode: 0o700 });
    ssh = mkdtempSync(join(homedir(), ".ssh", "navarch-test-"));
    writeFileSync(join(ssh, "key"), "own");
    cluster = await startCluster({ flags: ["--nodes", "2"] });
    const { client } = cluster;
    await client.create(secrets, {
      metadata: { name: "word", namespace: "default" },
      data: { word: Buffer.from("open sesame").toString("base64") },
    });
    for (const [name, node] of [
      ["owner", "node-1"],
      ["spy", "node-1"],
      ["far", "node-2"],
    ] as const)
      await client.create(pods, {
        metadata: { name, namespace: "default" },
        spec: {
          nodeName: node,
          terminationGracePeriodSeconds: 0,
          containers: [
            {
              name: "main",
              image: "busybox",
              command: ["sh", "-c", "echo mine >$HOME/mine; exec sleep 600"],
              volumeMounts: [{ name: "word", mountPath: "/srv/word", readOnly: name !== "spy" }],
            },
          ],
          volumes: [name === "spy" ? { name: "word", emptyDir: {} } : { name: "word", secret: { secretName: "word" } }],
        },
      });
    for (const name of ["owner", "spy", "far"])
      await eventually(`${name} runs`, async () => {
        const pod = await client.get(pods, { namespace: "default", name });
        return pod.status?.phase === "Running" ? true : undefined;
      });
  });
  afterAll(async () => {
    await stopClusters();
    rmSync(ssh, { recursive: true, force: true });
  });

  const inPod = (name: string, script: string) => cluster.navctl(["exec", name, "--", "sh", "-c", script]);
  const uidOf = async (name: string): Promise<string> =>
    (await cluster.client.get(pods, { namespace: "default", name })).metadata.uid;

  it("its own volumes and home, it can", async () => {
    expect((await inPod("owner", "cat /srv/word/word")).stdout).toBe("open sesame");
    expect((await inPod("far", "cat /srv/word/word")).stdout).toBe("open sesame");
    expect((await inPod("spy", "cat $HOME/mine; echo here >/srv/word/file && cat /srv/word/file")).stdout).toBe(
      "mine\nhere\n",
    );
    expect((await inPod("spy", `test -r ${cluster.dataDir}/images/my-app.mjs && echo there`)).stdout).toBe("there\n");
  });

  it("the cluster's keys, store, kubeconfig and log", async () => {
    const files = ["pki/ca.key", "kubeconfig", "navarch.log", "images.yaml", "nodes/node-1/supervisor.sh"];
    for (const file of files) {
      const { code, stdout } = await inPod("spy", `cat ${cluster.dataDir}/${file}`);
      expect({ file, code: code === 0, stdout }).toEqual({ file, code: false, stdout: "" });
    }
    expect((await inPod("spy", `ls -A ${cluster.dataDir} ${cluster.dataDir}/nodes/*`)).stdout.split("\n")).toEqual(
      expect.arrayContaining(["images", "nodes"]),
    );
    expect((await inPod("spy", `find ${cluster.dataDir} -name '*.mdb' -o -name '*.key' -o -name word`)).stdout).toBe(
      "",
    );
  });

  it("another pod's secret, on its own node or another", async () => {
    for (const [name, node] of [
      ["owner", "node-1"],
      ["far", "node-2"],
    ] as const) {
      const path = `${cluster.dataDir}/nodes/${node}/pods/${await uidOf(name)}/volumes/word/word`;
      const { code, stdout } = await inPod("spy", `cat ${path}`);
      expect({ code: code === 0, stdout }).toEqual({ code: false, stdout: "" });
    }
  });

  it("the user's ssh keys, and what the agent was told", async () => {
    expect((await inPod("spy", `cat ${ssh}/key`)).stdout).toBe("");
    expect((await inPod("spy", `cat /proc/${cluster.process.pid}/environ`)).code).not.toBe(0);
    const owner = await programOf(await cluster.client.get(pods, { namespace: "default", name: "owner" }));
    expect((await inPod("spy", `cat /proc/${owner}/environ | grep -q POD_IP`)).code).not.toBe(0);
  });

  it("and cannot undo what hides them", async () => {
    const { code } = await inPod("spy", `umount -l ${cluster.dataDir} && cat ${cluster.dataDir}/pki/ca.key`);
    expect(code).not.toBe(0);
    expect((await inPod("spy", "cat /proc/1/root/etc/hostname /proc/1/environ")).stdout).toBe("");
    expect((await inPod("spy", `unshare --mount umount -l ${cluster.dataDir}`)).code).not.toBe(0);
  });
});
