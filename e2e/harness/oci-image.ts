import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { readFileSync, realpathSync } from "node:fs";
import { gzipSync } from "node:zlib";
import { findTool } from "./needs.js";
import { file, folder, symlink, type TarEntry, tarOf } from "./tar.js";

/** What an image is made from. The same description gives the same digests on every machine with the same busybox. */
export interface ImageDescription {
  /** The lowest first. */
  readonly layers: readonly (readonly TarEntry[])[];
  /** `NAME=value`. */
  readonly env?: readonly string[];
  readonly user?: string;
  readonly entrypoint?: readonly string[];
  readonly cmd?: readonly string[];
  readonly workingDir?: string;
  /** `80/tcp`. */
  readonly ports?: readonly string[];
  readonly volumes?: readonly string[];
  readonly labels?: Readonly<Record<string, string>>;
  readonly stopSignal?: string;
  readonly gzip?: boolean;
}

export interface Blob {
  readonly mediaType: string;
  readonly digest: string;
  readonly bytes: Buffer;
}

export interface OciImage {
  readonly manifest: Blob;
  readonly config: Blob;
  readonly layers: readonly Blob[];
}

export function buildImage(description: ImageDescription): OciImage {
  const { layers: contents, gzip = false, ports = [], volumes = [] } = description;
  const archives = contents.map(tarOf);
  const layers = archives.map((bytes) =>
    gzip ? blob(`${mediaType}.layer.v1.tar+gzip`, gzipSync(bytes)) : blob(`${mediaType}.layer.v1.tar`, bytes),
  );
  const config = jsonBlob(`${mediaType}.config.v1+json`, {
    created: "1970-01-01T00:00:00Z",
    architecture: { x64: "amd64" }[process.arch as string] ?? process.arch,
    os: "linux",
    config: {
      User: description.user,
      ExposedPorts: ports.length === 0 ? undefined : setOf(ports),
      Env: description.env,
      Entrypoint: description.entrypoint,
      Cmd: description.cmd,
      Volumes: volumes.length === 0 ? undefined : setOf(volumes),
      WorkingDir: description.workingDir,
      Labels: description.labels,
      StopSignal: description.stopSignal,
    },
    rootfs: { type: "layers", diff_ids: archives.map(digestOf) },
  });
  const manifest = jsonBlob(`${mediaType}.manifest.v1+json`, {
    schemaVersion: 2,
    mediaType: `${mediaType}.manifest.v1+json`,
    config: descriptorOf(config),
    layers: layers.map(descriptorOf),
  });
  return { manifest, config, layers };
}

/** An OCI image layout as one archive, as `ctr images import` takes it; by full names such as `docker.io/library/a:1`. */
export function ociArchive(images: Readonly<Record<string, OciImage>>): Buffer {
  const blobs = new Map<string, Buffer>();
  for (const { manifest, config, layers } of Object.values(images))
    for (const { digest, bytes } of [manifest, config, ...layers]) blobs.set(digest, bytes);
  const manifests = Object.entries(images).map(([name, { manifest }]) => ({
    ...descriptorOf(manifest),
    annotations: { "io.containerd.image.name": name, "org.opencontainers.image.ref.name": tagOf(name) },
  }));
  return tarOf([
    file("oci-layout", JSON.stringify({ imageLayoutVersion: "1.0.0" })),
    file("index.json", JSON.stringify({ schemaVersion: 2, mediaType: `${mediaType}.index.v1+json`, manifests })),
    ...[...blobs].map(([digest, bytes]) => file(`blobs/${digest.replace(":", "/")}`, bytes)),
  ]);
}

/** The same as `docker save` writes it. */
export function dockerArchive(images: Readonly<Record<string, OciImage>>): Buffer {
  const members = new Map<string, Buffer>();
  const manifest = Object.entries(images).map(([name, { config, layers }]) => {
    members.set(`${hexOf(config)}.json`, config.bytes);
    for (const layer of layers) members.set(`${hexOf(layer)}/layer.tar`, layer.bytes);
    return {
      Config: `${hexOf(config)}.json`,
      RepoTags: [name],
      Layers: layers.map((layer) => `${hexOf(layer)}/layer.tar`),
    };
  });
  return tarOf([
    ...[...members].map(([path, bytes]) => file(path, bytes)),
    file("manifest.json", JSON.stringify(manifest)),
  ]);
}

/** Where this machine keeps its statically linked busybox, if it has one. */
export const findBusybox = (): string | undefined =>
  ["/bin/busybox", "/usr/bin/busybox"].find((path) => findTool(path));

/** A root file system: busybox under the name of each of its applets, and the few files that programs expect. */
export function busyboxLayer(): readonly TarEntry[] {
  const program = findBusybox();
  if (program === undefined) throw new Error("no busybox here: install busybox-static");
  const { stdout } = spawnSync(program, ["--list-full"], { encoding: "utf8" });
  const applets = stdout
    .split("\n")
    .filter((path) => path !== "" && path !== "bin/busybox")
    .toSorted();
  const folders = [...new Set(applets.map((path) => path.slice(0, path.lastIndexOf("/"))))];
  return [
    ...[...new Set(["bin", "dev", "etc", "proc", "root", "sys", "usr", "var", ...folders])]
      .toSorted()
      .map((path) => folder(path)),
    folder("tmp", { mode: 0o1777 }),
    folder("home"),
    file(
      "etc/passwd",
      "root:x:0:0:root:/root:/bin/sh\nplayer:x:1234:1234::/home:/bin/sh\nnobody:x:65534:65534::/:/bin/sh\n",
    ),
    file("etc/group", "root:x:0:\nplayer:x:1234:\nband:x:4321:player\nnogroup:x:65534:\n"),
    file("bin/busybox", readFileSync(program), { mode: 0o755 }),
    ...applets.map((path) => symlink(path, "/bin/busybox")),
  ];
}

/** busybox with whatever else is said; a shell unless another command is. */
export function busyboxImage({ layers = [], ...rest }: Partial<ImageDescription> = {}): OciImage {
  return buildImage({ cmd: ["sh"], env: [`PATH=${searchPath}`], ...rest, layers: [busyboxLayer(), ...layers] });
}
export const searchPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/** The Node.js that runs this, with the libraries that it is linked with. */
export function nodeImage(): OciImage {
  const program = realpathSync(process.execPath);
  const { stdout } = spawnSync("ldd", [program], { encoding: "utf8" });
  const libraries = [...(stdout ?? "").matchAll(/(\/\S+) \(0x/g)].flatMap(([, path]) => path ?? []);
  const files = [...libraries.map((path) => [path, path]), [program, "/usr/bin/node"]] as const;
  const parents = files.flatMap(([, path]) => ancestorsOf(path.slice(1)));
  return busyboxImage({
    layers: [
      [
        ...[...new Set(parents)].toSorted().map((path) => folder(path)),
        ...files.map(([from, to]) => file(to.slice(1), readFileSync(from), { mode: 0o755 })),
      ],
    ],
  });
}

const ancestorsOf = (path: string): readonly string[] => {
  const words = path.split("/").slice(0, -1);
  return words.map((_, at) => words.slice(0, at + 1).join("/"));
};

/** What a sandbox runs: it ends when told to, and takes in orphans where processes are shared. */
export const pauseImage = (): OciImage =>
  busyboxImage({ layers: [[file("pause", pauseScript, { mode: 0o755 })]], cmd: [], entrypoint: ["/pause"] });
const pauseScript = `#!/bin/sh
trap 'exit 0' INT TERM
while :; do sleep 2147483647 & wait; done
`;

const mediaType = "application/vnd.oci.image";
const digestOf = (bytes: Uint8Array): string => `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
const blob = (type: string, bytes: Buffer): Blob => ({ mediaType: type, digest: digestOf(bytes), bytes });
const jsonBlob = (type: string, value: unknown): Blob => blob(type, Buffer.from(JSON.stringify(value)));
const descriptorOf = ({ mediaType: type, digest, bytes }: Blob): object => ({
  mediaType: type,
  digest,
  size: bytes.length,
});
const hexOf = ({ digest }: Blob): string => digest.slice("sha256:".length);
const setOf = (names: readonly string[]): object => Object.fromEntries(names.map((name) => [name, {}]));
const tagOf = (name: string): string => name.slice(name.lastIndexOf(":") + 1);
