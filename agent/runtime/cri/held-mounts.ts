import {
  closeSync,
  constants,
  fstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readlinkSync,
  realpathSync,
  rmdirSync,
  statSync,
  unlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { mount, unmountBelow } from "../../host-mounts.js";
import { type ContainerRecord, type Mount, RuntimeError } from "../runtime.js";

type Run = Pick<ContainerRecord, "name" | "attempt"> & { readonly pod: Pick<ContainerRecord["pod"], "uid"> };

/**
 * The container runtime mounts by name, when the container starts, and follows links. So what lies where containers
 * write is opened first, found to be what it is called, and bound to a place that nobody but the agent can change: that
 * is what the runtime mounts. The place is given back once the container has its own mount of it.
 */
export class HeldMounts {
  readonly #dir: string;

  constructor(dir: string) {
    this.#dir = dir;
  }

  /** The same mounts, exact ones from where they are held. Throws RuntimeError. */
  async hold(run: Run, mounts: readonly Mount[]): Promise<readonly Mount[]> {
    await this.release(run);
    const dir = this.#placeOf(run);
    const held: Mount[] = [];
    for (const [index, wanted] of mounts.entries()) {
      if (!wanted.exact) {
        held.push(wanted);
        continue;
      }
      mkdirSync(dir, { recursive: true, mode: 0o700 });
      const hostPath = join(dir, String(index));
      await bind(wanted.hostPath, hostPath);
      held.push({ ...wanted, hostPath });
    }
    return held;
  }

  async release(run: Run): Promise<void> {
    await giveBack(this.#placeOf(run));
  }

  /** What no container of the pod came to use. */
  async releasePod(uid: string): Promise<void> {
    const dir = join(this.#dir, uid);
    for (const run of entries(dir)) await giveBack(join(dir, run));
    if (isThere(dir)) rmdirSync(dir);
  }

  /** Uids and names of containers have passed validation; none holds a slash. */
  #placeOf({ pod, name, attempt }: Run): string {
    return join(this.#dir, pod.uid, `${name}.${attempt}`);
  }
}

/** A plain bind, without what is mounted below: to take such a mount away again would take away its original. */
async function bind(path: string, at: string): Promise<void> {
  const file = openSync(path, openPath | constants.O_NOFOLLOW);
  try {
    const found = fstatSync(file);
    if (found.isSymbolicLink() || readlinkSync(`/proc/self/fd/${file}`) !== path)
      throw new RuntimeError("CreateContainerError", `${path} was replaced while it was to be mounted`);
    if (found.isDirectory()) mkdirSync(at, { mode: 0o700 });
    else writeFileSync(at, "", { mode: 0o600, flag: "wx" });
    await mount(["--no-canonicalize", "--bind", `/proc/${process.pid}/fd/${file}`, at]);
  } finally {
    closeSync(file);
  }
}

/** O_PATH: a handle on what is there, whatever it is, without reading it. */
const openPath = 0o10000000;

/** Nothing is removed but the empty places themselves. */
async function giveBack(dir: string): Promise<void> {
  if (!isThere(dir)) return;
  await unmountBelow(realpathSync(dir));
  for (const name of entries(dir)) {
    const at = join(dir, name);
    if (statSync(at).isDirectory()) rmdirSync(at);
    else unlinkSync(at);
  }
  rmdirSync(dir);
}

const isThere = (dir: string): boolean => statSync(dir, { throwIfNoEntry: false }) !== undefined;
const entries = (dir: string): readonly string[] => (isThere(dir) ? readdirSync(dir) : []);
