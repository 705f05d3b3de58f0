import { lstatSync, readdirSync, realpathSync, statSync } from "node:fs";
import { dirname } from "node:path";
import type { Mount } from "../runtime.js";
import { quote } from "./supervisor.js";

export interface MountPlan {
  readonly mounts: readonly Mount[];
  /** An empty directory of the container's own: its new root, where one is needed. */
  readonly root: string;
  /** Another empty directory of its own, for passing. */
  readonly stage: string;
  /** Directories that stay, while what lies around them is hidden; `readOnly` ones cannot be written to there. */
  readonly kept: readonly { readonly path: string; readonly readOnly: boolean }[];
  /** Paths of the host that the container does not see. */
  readonly hidden: readonly string[];
  readonly hostname: { readonly program: string; readonly name: string } | undefined;
}

/** What the planner asks of the host; a parameter so that it can be tested. */
export interface HostFiles {
  kind(path: string): "directory" | "file" | undefined;
  /** Without symbolic links. */
  real(path: string): string;
  entries(path: string): readonly { readonly name: string; readonly kind: "directory" | "link" | "other" }[];
}

/**
 * Lines of shell that give a container its mounts, run inside its namespaces. Nothing is ever made on the host's own
 * file systems: where a mount point is missing, the directory that it is missing in is covered by one in memory whose
 * entries lead to the covered ones; where it is missing in `/`, the container gets a root of its own.
 */
export function mountLines(plan: MountPlan, host: HostFiles = realHost): readonly string[] {
  const wanted = plan.mounts
    .map((mount) => ({ ...mount, at: resolvePoint(mount.containerPath, host) }))
    .toSorted((a, b) => a.at.length - b.at.length);
  const covered = new Set<string>();
  for (const { at } of wanted) {
    if (host.kind(at) !== undefined || wanted.some((other) => other.at !== at && at.startsWith(`${other.at}/`)))
      continue;
    covered.add(existingAbove(at, host));
  }
  const root = covered.has("/") ? plan.root : "";
  const lines = root === "" ? [] : newRoot(root, host);
  for (const dir of covered)
    if (dir !== "/") lines.push(...cover(`${root}${dir}`, stageBeside(`${root}${dir}`, plan.stage, host)));
  for (const { hostPath, at, readOnly, exact } of wanted) {
    const isFile = host.kind(hostPath) !== "directory";
    lines.push(...(exact ? holding(hostPath) : []));
    lines.push(...mountOne(exact ? heldPath : hostPath, `${root}${at}`, readOnly, isFile));
  }
  lines.push(...hide(plan, root, host));
  if (plan.hostname) lines.push(`${quote(plan.hostname.program)} ${quote(plan.hostname.name)}`);
  return lines;
}

/** Whether the mounts ask for a root of its own, into which the program must then be put. */
export const needsRoot = (mounts: readonly Mount[], host: HostFiles = realHost): boolean =>
  mounts.some(({ containerPath }) => {
    const at = resolvePoint(containerPath, host);
    return (
      host.kind(at) === undefined &&
      existingAbove(at, host) === "/" &&
      !mounts.some((other) => at.startsWith(`${resolvePoint(other.containerPath, host)}/`))
    );
  });

/** The mount point with the links on its way resolved as far as the way exists (`/var/run` is `/run`). */
function resolvePoint(path: string, host: HostFiles): string {
  const clean = `/${path
    .split("/")
    .filter((part) => part !== "" && part !== ".")
    .join("/")}`;
  const above = existingAbove(clean, host);
  const rest = clean.slice(above === "/" ? 0 : above.length);
  const real = host.kind(clean) === undefined ? host.real(above) : host.real(clean);
  return host.kind(clean) === undefined ? (real === "/" ? rest : real + rest) : real;
}

function existingAbove(path: string, host: HostFiles): string {
  for (let dir = dirname(path); ; dir = dirname(dir)) if (dir === "/" || host.kind(dir) === "directory") return dir;
}

function newRoot(root: string, host: HostFiles): string[] {
  const lines = [`mount -t tmpfs -o mode=755 tmpfs ${quote(root)}`];
  const directories: string[] = [];
  const links: string[] = [];
  for (const { name, kind } of host.entries("/")) {
    if (kind === "directory") directories.push(name);
    else if (kind === "link") links.push(name);
  }
  lines.push(`mkdir ${directories.map((name) => quote(`${root}/${name}`)).join(" ")}`);
  if (links.length > 0) lines.push(`cp -P ${links.map((name) => quote(`/${name}`)).join(" ")} ${quote(`${root}/`)}`);
  for (const name of directories) lines.push(`mount --rbind ${quote(`/${name}`)} ${quote(`${root}/${name}`)}`);
  return lines;
}

/** Entries become links into the covered directory, which stays reachable by a name of ours. (mount makes /run/mount.) */
function cover(at: string, stage: string): string[] {
  return [
    `mount --rbind ${quote(at)} ${quote(stage)}`,
    `mount -t tmpfs -o mode=755 tmpfs ${quote(at)}`,
    `mkdir ${quote(`${at}/${coveredName}`)}`,
    `mount --rbind ${quote(stage)} ${quote(`${at}/${coveredName}`)}`,
    `umount -l ${quote(stage)}`,
    `(cd ${quote(at)} && for each in ${coveredName}/* ${coveredName}/.[!.]*; do if [ -e "$each" ] || [ -L "$each" ]; then [ -e "\${each##*/}" ] || set -- "$@" "$each"; fi; done; [ $# = 0 ] || ln -s "$@" .)`,
  ];
}
const coveredName = ".navarch-host";

/** What lies in the covered directory cannot be named while it is; nobody needs the others just then. */
const stageBeside = (at: string, stage: string, host: HostFiles): string =>
  within(stage, at)
    ? (["/sys", "/mnt", "/media", "/srv"].find((path) => host.kind(path) === "directory" && !within(at, path)) ?? stage)
    : stage;

const within = (path: string, other: string): boolean => path === other || path.startsWith(`${other}/`);

function mountOne(source: string, at: string, readOnly: boolean, isFile: boolean): string[] {
  const point = quote(at);
  const make = isFile
    ? `[ -e ${point} ] || { mkdir -p ${quote(dirname(at))} && : >${point}; }`
    : `[ -d ${point} ] || mkdir -p ${point}`;
  return [
    make,
    `${source === heldPath ? "mount --no-canonicalize" : "mount"} --rbind ${quote(source)} ${point}`,
    ...(readOnly ? [remountReadOnly(point)] : []),
  ];
}

/** Opens it, and goes on only if what was opened is really there: then that is mounted, whatever happens to its name. */
const holding = (path: string): string[] => [
  `[ ! -p ${quote(path)} ]`,
  `exec 5<${quote(path)}`,
  `[ "$(readlink ${heldPath})" = ${quote(path)} ]`,
];
const heldPath = "/proc/self/fd/5";

/** Flags that the mount's origin has may not be taken away by an ordinary user. */
const remountReadOnly = (point: string): string =>
  `mount -o remount,bind,ro ${point} 2>/dev/null || mount -o remount,bind,ro,nosuid,nodev ${point} 2>/dev/null || mount -o remount,bind,ro,nosuid,nodev,noexec ${point}`;

/**
 * Directories of secrets and of other pods become empty but for what is kept in them, files unreadable. What takes the
 * place of a directory is put together aside first: once it is in place, nothing in the hidden one can be named.
 */
function hide({ hidden, kept, stage }: MountPlan, root: string, host: HostFiles): string[] {
  const outermost = hidden.filter((path) => !hidden.some((other) => other !== path && within(path, other)));
  const stageLast = outermost.toSorted((a, b) => Number(within(stage, a)) - Number(within(stage, b)));
  return stageLast.flatMap((path) => {
    const at = quote(`${root}${path}`);
    if (host.kind(path) === "file") return [`mount --bind /dev/null ${at}`];
    if (host.kind(path) !== "directory") return [];
    const inside = kept.filter((each) => within(each.path, path) && host.kind(each.path) === "directory");
    if (inside.length === 0) return [`mount -t tmpfs -o mode=700,ro tmpfs ${at}`];
    return [
      `mount -t tmpfs -o mode=755 tmpfs ${quote(stage)}`,
      ...inside.flatMap((each) => mountOne(each.path, `${stage}${each.path.slice(path.length)}`, each.readOnly, false)),
      `mount --rbind ${quote(stage)} ${at}`,
      remountReadOnly(at),
    ];
  });
}

const realHost: HostFiles = {
  kind(path) {
    const found = statSync(path, { throwIfNoEntry: false });
    return found === undefined ? undefined : found.isDirectory() ? "directory" : "file";
  },
  real: (path) => realpathSync(path),
  entries: (path) =>
    readdirSync(path).flatMap((name) => {
      const found = lstatSync(`${path === "/" ? "" : path}/${name}`, { throwIfNoEntry: false });
      return found
        ? [
            {
              name,
              kind: found.isSymbolicLink()
                ? ("link" as const)
                : found.isDirectory()
                  ? ("directory" as const)
                  : ("other" as const),
            },
          ]
        : [];
    }),
};
