import { get } from "node:http";
import { type Registry, registryTool, startRegistry } from "./image-registry.js";
import { describeWith } from "./needs.js";
import { buildImage, busyboxImage, dockerArchive, ociArchive, pauseImage } from "./oci-image.js";
import { file } from "./tar.js";

const small = buildImage({ layers: [[file("a", "1")], [file("b", "2")]], cmd: ["/a"], ports: ["80/tcp"], gzip: true });

test("the same description gives the same image", () => {
  const again = buildImage({
    layers: [[file("a", "1")], [file("b", "2")]],
    cmd: ["/a"],
    ports: ["80/tcp"],
    gzip: true,
  });
  expect(again.manifest.digest).toBe(small.manifest.digest);
  expect(buildImage({ layers: [] }).manifest.digest).not.toBe(small.manifest.digest);
});

describeWith(["busybox"], "images of busybox", () => {
  test("are made in both archive forms", () => {
    const images = { "docker.io/library/busybox:1": busyboxImage(), "localhost/pause:1": pauseImage() };
    expect(ociArchive(images).length).toBeGreaterThan(1_000_000);
    expect(dockerArchive(images).length).toBeGreaterThan(1_000_000);
  });
});

describeWith([registryTool], "the tests' registry", () => {
  const started: Registry[] = [];
  const start = async (options: Parameters<typeof startRegistry>[0]): Promise<Registry> => {
    const registry = await startRegistry(options);
    started.push(registry);
    return registry;
  };
  afterEach(async () => {
    for (const registry of started.splice(0)) await registry.stop();
  });

  test("keeps what is pushed to it", async () => {
    const registry = await start({});
    expect(await registry.push("team/app", "v1", small)).toBe(`${registry.host}/team/app:v1`);
    expect(registry.requests()).toContain("PUT /v2/team/app/manifests/v1 201");
    expect(await statusOf(`${registry.url}/v2/team/app/manifests/v1`)).toBe(200);
  });

  test("lets nobody in without a password where it wants one", async () => {
    const registry = await start({ auth: true });
    await registry.push("team/app", "v1", small);
    expect(await statusOf(`${registry.url}/v2/team/app/manifests/v1`)).toBe(401);
  });

  test("speaks TLS", async () => {
    const registry = await start({ tls: true, auth: true });
    await registry.push("team/app", "v1", small);
    expect(registry.requests()).toContain("PUT /v2/team/app/manifests/v1 201");
  });
});

const statusOf = (url: string): Promise<number> =>
  new Promise((resolve, reject) => {
    get(url, { agent: false, headers: { accept: small.manifest.mediaType } }, (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    }).on("error", reject);
  });
