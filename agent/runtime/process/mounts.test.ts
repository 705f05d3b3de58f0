import type { Mount } from "../runtime.js";
import { type HostFiles, mountLines, needsRoot } from "./mounts.js";

/** A host with these directories (and files, which end in `*`); /var/run leads to /run. */
const host = (...paths: readonly string[]): HostFiles => ({
  kind(path) {
    const real = path.replace(/^\/var\/run(?=\/|$)/, "/run");
    if (real === "/" || paths.some((known) => known === real || known.startsWith(`${real}/`))) return "directory";
    return paths.includes(`${real}*`) ? "file" : undefined;
  },
  real: (path) => path.replace(/^\/var\/run(?=\/|$)/, "/run"),
  entries: () => [
    { name: "etc", kind: "directory" },
    { name: "bin", kind: "link" },
  ],
});
const mount = (containerPath: string, parts: Partial<Mount> = {}): Mount => ({
  hostPath: "/volume",
  containerPath,
  readOnly: false,
  optional: false,
  ...parts,
});
const lines = (mounts: readonly Mount[], files: HostFiles, parts: object = {}): string =>
  mountLines(
    {
      mounts,
      root: "/own/root",
      stage: "/own/stage",
      kept: [{ path: "/own/home", readOnly: false }],
      hidden: [],
      hostname: undefined,
      ...parts,
    },
    files,
  ).join("\n");

describe("the mounts of a container", () => {
  const files = host("/etc", "/run", "/tmp", "/volume", "/own/home", "/secret/open", "/key*");

  it("go straight to a place that is there", () => {
    expect(lines([mount("/tmp")], files)).toBe("[ -d '/tmp' ] || mkdir -p '/tmp'\nmount --rbind '/volume' '/tmp'");
    expect(needsRoot([mount("/tmp")], files)).toBe(false);
  });

  it("cover the directory in which the place is missing, through links", () => {
    const text = lines([mount("/var/run/secrets/token", { readOnly: true })], files);
    expect(text).toContain("mount -t tmpfs -o mode=755 tmpfs '/run'");
    expect(text).toContain("mount --rbind '/volume' '/run/secrets/token'");
    expect(text).toContain("mount -o remount,bind,ro '/run/secrets/token'");
    expect(text).not.toContain("/own/root");
  });

  it("cover also the directory in which everything of ours lies", () => {
    const below = host("/own/stage", "/mnt");
    const text = lines([mount("/own/x")], below);
    expect(text).toContain("mount --rbind '/own' '/mnt'\nmount -t tmpfs -o mode=755 tmpfs '/own'");
    expect(text).toContain("mount --rbind '/mnt' '/own/.navarch-host'\numount -l '/mnt'");
  });

  it("take a root of their own for a place that is missing in /", () => {
    expect(needsRoot([mount("/data/x")], files)).toBe(true);
    const text = lines([mount("/data/x")], files);
    expect(text).toContain("mount --rbind '/etc' '/own/root/etc'");
    expect(text).toContain("cp -P '/bin' '/own/root/'");
    expect(text).toContain("mount --rbind '/volume' '/own/root/data/x'");
  });

  it("come parents first", () => {
    const text = lines([mount("/tmp/a/b"), mount("/tmp")], files);
    expect(text.indexOf("'/volume' '/tmp'")).toBeLessThan(text.indexOf("'/volume' '/tmp/a/b'"));
    expect(text).not.toContain("tmpfs");
  });

  it("hide secrets, but not the home that lies among them", () => {
    expect(lines([], files, { hidden: ["/secret", "/key", "/gone"] })).toBe(
      "mount -t tmpfs -o mode=700,ro tmpfs '/secret'\nmount --bind /dev/null '/key'",
    );
    const around = lines([], files, { hidden: ["/own/stage", "/own"] }).split("\n");
    expect(around).toContain("mount --rbind '/own/home' '/own/stage/home'");
    expect(around.at(-2)).toBe("mount --rbind '/own/stage' '/own'");
    expect(around.filter((line) => line.includes("tmpfs"))).toHaveLength(1);
  });

  it("hide last that in which the replacement is put together", () => {
    const text = lines([], files, {
      hidden: ["/own", "/secret"],
      kept: [
        { path: "/own/home", readOnly: false },
        { path: "/secret/open", readOnly: true },
      ],
    });
    expect(text.indexOf("'/secret'")).toBeLessThan(text.indexOf("'/own'"));
  });

  it("quote what a path may hold", () => {
    expect(lines([mount("/tmp/it's; rm -rf $HOME", { hostPath: "/volume" }), mount("/tmp")], files)).toContain(
      "'/tmp/it'\\''s; rm -rf $HOME'",
    );
  });
});
