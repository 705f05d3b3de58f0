import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { events } from "../api/core/event.js";
import { nodes } from "../api/core/node/node.js";
import { type Pod, pods } from "../api/core/pod/pod.js";
import { secrets } from "../api/core/secret.js";
import { serviceAccounts } from "../api/core/service-account.js";
import { type Cluster, startCluster, stopClusters } from "./harness/cluster.js";
import { type Containerd, containerTools, freePodRange, startContainerd } from "./harness/containerd.js";
import { type Registry, registryTool, registryUsers, startRegistry } from "./harness/image-registry.js";
import { describeWith } from "./harness/needs.js";
import { busyboxImage, type OciImage } from "./harness/oci-image.js";
import { eventually } from "./harness/run.js";
import { file } from "./harness/tar.js";

describeWith([...containerTools, registryTool], "images", () => {
  let certificates: string;
  let containerd: Containerd;
  let cluster: Cluster;
  /** Plain HTTP for everybody, and TLS for who has a password. */
  let open: Registry;
  let locked: Registry;
  const version = (text: string): OciImage => busyboxImage({ layers: [[file("version", text)]] });

  beforeAll(async () => {
    certificates = mkdtempSync(join(tmpdir(), "navarch-certs-"));
    [open, locked, containerd] = await Promise.all([
      startRegistry(),
      startRegistry({ tls: true, auth: true }),
      startContainerd(`[plugins."io.containerd.grpc.v1.cri".registry]\n  config_path = "${certificates}"\n`),
    ]);
    for (const { host, url, caFile } of [open, locked]) {
      mkdirSync(join(certificates, host));
      const ca = caFile === undefined ? "" : `  ca = "${caFile}"\n`;
      writeFileSync(join(certificates, host, "hosts.toml"), `server = "${url}"\n[host."${url}"]\n${ca}`);
    }
    const garbage = ["--image-gc-high-threshold", "1", "--image-gc-low-threshold", "0"];
    const soon = ["--minimum-image-ttl-duration", "4s", "--image-gc-period", "1s"];
    cluster = await startCluster({
      flags: ["--runtime", "cri", "--cri-socket", containerd.socket, ...freePodRange(), ...garbage, ...soon],
    });
  });
  afterAll(async () => {
    await stopClusters();
    for (const part of [containerd, open, locked]) await part?.stop();
    rmSync(certificates, { recursive: true, force: true });
  });

  const create = (name: string, image: string, { pullPolicy = "", ...spec }: Record<string, unknown> = {}) =>
    cluster.client.create(pods, {
      metadata: { name, namespace: "default" },
      spec: {
        restartPolicy: "Never",
        terminationGracePeriodSeconds: 0,
        containers: [
          {
            ...{ name: "main", image, command: ["sh", "-c", "echo $(cat /version); sleep 1000"] },
            ...(pullPolicy === "" ? {} : { imagePullPolicy: pullPolicy }),
          },
        ],
        ...spec,
      } as never,
    });
  const until = (name: string, what: string, is: (pod: Pod) => unknown): Promise<Pod> =>
    eventually(`${name} ${what}`, async () => {
      const pod = await cluster.client.get(pods, { namespace: "default", name });
      if (is(pod)) return pod;
      throw new Error(JSON.stringify(pod.status?.containerStatuses));
    });
  const waiting = (name: string, reason: string): Promise<string> =>
    until(
      name,
      `waits with ${reason}`,
      ({ status }) => status?.containerStatuses?.[0]?.state?.waiting?.reason === reason,
    ).then(({ status }) => status?.containerStatuses?.[0]?.state?.waiting?.message ?? "");
  const running = (name: string): Promise<Pod> =>
    until(name, "runs", ({ status }) => status?.containerStatuses?.[0]?.state?.running);
  const versionOf = async (name: string): Promise<string> => {
    await running(name);
    return eventually(`${name} says its version`, async () => (await cluster.ok(["logs", name])).trim() || undefined);
  };
  const told = async (name: string): Promise<readonly string[]> => {
    const { items } = await cluster.client.list(events, { namespace: "default" });
    return items
      .filter(({ involvedObject }) => involvedObject.name === name)
      .map(({ reason, message }) => `${reason}: ${message}`);
  };
  const login = (name: string, password: string) =>
    cluster.client.create(secrets, {
      metadata: { name, namespace: "default" },
      type: "kubernetes.io/dockerconfigjson",
      stringData: {
        ".dockerconfigjson": JSON.stringify({ auths: { [locked.host]: { username: "puller", password } } }),
      },
    });
  const manifests = (registry: Registry, repository: string): readonly string[] =>
    registry.requests().filter((line) => line.startsWith(`GET /v2/${repository}/manifests/`));

  it("come from a registry of plain HTTP; two pods at once are one pull", async () => {
    const image = await open.push("team/app", "v1", version("one"));
    await Promise.all([create("plain-a", image), create("plain-b", image)]);
    const pod = await running("plain-a");
    await running("plain-b");
    expect(manifests(open, "team/app").length).toBe(1);
    const { manifest } = version("one");
    expect(pod.status?.containerStatuses?.[0]).toMatchObject({
      image,
      imageID: `${open.host}/team/app@${manifest.digest}`,
    });
    expect([...(await told("plain-a")), ...(await told("plain-b"))]).toContainEqual(
      expect.stringMatching(
        /^Pulled: Successfully pulled image ".*" in \S+ \(\S+ including waiting\)\. Image size: \d+ bytes\.$/,
      ),
    );
  });

  it("come with a pod's secret, and with that of its service account", async () => {
    const image = await locked.push("private/app", "v1", version("secret"));
    await login("right", registryUsers.puller);
    await create("by-secret", image, { imagePullSecrets: [{ name: "right" }] });
    expect(await versionOf("by-secret")).toBe("secret");
    await cluster.client.create(serviceAccounts, {
      metadata: { name: "builder", namespace: "default" },
      imagePullSecrets: [{ name: "right" }],
    });
    const other = await locked.push("private/other", "v1", version("account"));
    await create("by-account", other, { serviceAccountName: "builder" });
    expect(await versionOf("by-account")).toBe("account");
  });

  it("that are here are not for a pod that may not pull them", async () => {
    const image = await locked.push("private/here", "v1", version("here"));
    await login("owner", registryUsers.puller);
    await create("owner", image, { imagePullSecrets: [{ name: "owner" }] });
    await running("owner");
    await create("thief", image);
    expect(await waiting("thief", "ErrImagePull")).toMatch(/401 Unauthorized/);
    await create("thief-never", image, { pullPolicy: "Never" });
    expect(await waiting("thief-never", "ErrImageNeverPull")).toMatch(/does not have the proper credentials/);
  });

  it("do not come with a wrong secret: the registry's reason, then the back-off, and no word of the password", async () => {
    const image = await locked.push("private/wrong", "v1", version("wrong"));
    await login("wrong", "hush-hush");
    await create("refused", image, { imagePullSecrets: [{ name: "wrong" }, { name: "absent" }] });
    expect(await waiting("refused", "ErrImagePull")).toMatch(/401 Unauthorized/);
    expect(await waiting("refused", "ImagePullBackOff")).toMatch(
      new RegExp(`^Back-off pulling image "${image}": ErrImagePull: .*401 Unauthorized`),
    );
    const lines = await eventually("the back-off is told", async () => {
      const all = await told("refused");
      return all.includes("Failed: Error: ImagePullBackOff") ? all : undefined;
    });
    expect(lines).toEqual(
      expect.arrayContaining([
        `Pulling: Pulling image "${image}"`,
        "FailedToRetrieveImagePullSecret: Unable to retrieve some image pull secrets (absent); attempting to pull the image may not succeed.",
        expect.stringMatching(/^Failed: Failed to pull image ".*": .*401 Unauthorized/),
        "Failed: Error: ErrImagePull",
        `BackOff: Back-off pulling image "${image}"`,
      ]),
    );
    const encoded = Buffer.from("puller:hush-hush").toString("base64");
    const written = [lines.join("\n"), ...filesBelow(cluster.dataDir, /store/)].join("\n");
    expect(written).not.toContain("hush-hush");
    expect(written).not.toContain(encoded);
    const { status } = await cluster.client.get(pods, { namespace: "default", name: "refused" });
    expect(JSON.stringify(status)).not.toContain("hush-hush");
  });

  it("that a registry does not have are told in its words", async () => {
    await create("absent", `${open.host}/team/nothing:v1`);
    expect(await waiting("absent", "ErrImagePull")).toMatch(/team\/nothing:v1: not found/);
  });

  it("are fetched anew under Always when the tag has moved, not under IfNotPresent; a digest stays", async () => {
    const image = await open.push("team/moving", "v1", version("old"));
    const digest = `${open.host}/team/moving@${version("old").manifest.digest}`;
    await create("before", image);
    expect(await versionOf("before")).toBe("old");
    await open.push("team/moving", "v1", version("new"));
    await create("if-not-present", image);
    expect(await versionOf("if-not-present")).toBe("old");
    await create("always", image, { pullPolicy: "Always" });
    expect(await versionOf("always")).toBe("new");
    await create("digest", digest);
    expect(await versionOf("digest")).toBe("old");
  });

  it("are never pulled under Never, and names that are none say so", async () => {
    const image = await open.push("team/never", "v1", version("never"));
    await create("never", image, { pullPolicy: "Never" });
    expect(await waiting("never", "ErrImageNeverPull")).toBe(
      `Container image "${image}" is not present with pull policy of Never`,
    );
    expect(manifests(open, "team/never")).toEqual([]);
    await create("unreadable", "Team/App:v 1");
    expect(await waiting("unreadable", "InvalidImageName")).toMatch(/invalid reference format/);
  });

  it("of the node stand in its status; unused ones go when the disk fills up, used ones and the sandboxes' stay", async () => {
    const image = await open.push("team/garbage", "v1", version("garbage"));
    const kept = await open.push("team/kept", "v1", version("kept"));
    await create("garbage", image);
    await create("kept", kept);
    await running("garbage");
    await running("kept");
    const names = async (): Promise<string> => {
      const { items } = await cluster.client.list(nodes);
      return JSON.stringify(items[0]?.status?.images);
    };
    await eventually("the image is in the node's status", async () => (await names()).includes(image));
    await cluster.client.delete(pods, { namespace: "default", name: "garbage" });
    await eventually("the image has gone", async () => !(await names()).includes(image));
    expect(await names()).toContain(kept);
    expect(await names()).toContain("navarch.test/pause:1");
    const told = await eventually("the node says what it could not free", async () => {
      const { items } = await cluster.client.list(events, { namespace: "default" });
      return items.find(({ reason }) => reason === "FreeDiskSpaceFailed");
    });
    expect(told.message).toMatch(
      /^Insufficient free disk space on the node's image filesystem \(\d+% of [\d.]+ GiB used\)/,
    );
  });
});

function filesBelow(dir: string, skipped: RegExp): readonly string[] {
  return readdirSync(dir).flatMap((name) => {
    const path = join(dir, name);
    if (skipped.test(name)) return [];
    const stat = statSync(path, { throwIfNoEntry: false });
    if (stat?.isDirectory()) return filesBelow(path, skipped);
    return stat?.isFile() ? [readFileSync(path, "latin1")] : [];
  });
}
