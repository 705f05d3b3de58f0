import { chmodSync, chownSync, statSync } from "node:fs";
import type { Pod } from "../../api/core/pod/pod.js";
import { ownContainersOf } from "../pod/containers.js";
import type { VolumeFile, VolumeFiles } from "./plugin.js";

/** Whom a pod's volumes belong to besides root. https://kubernetes.io/docs/tasks/configure-pod-container/security-context/ */
export interface Ownership {
  /** The user as whom every container of the pod runs, where they say so. */
  readonly uid: number | undefined;
  /** fsGroup: programs of the pod are in it. */
  readonly gid: number | undefined;
}

/** Where all containers run as the agent's own user there is nothing to give away. */
export const nobody: Ownership = { uid: undefined, gid: undefined };

export function ownershipOf(pod: Pod): Ownership {
  const shared = pod.spec.securityContext;
  const users = new Set(
    ownContainersOf(pod).map(({ container }) => container.securityContext?.runAsUser ?? shared.runAsUser),
  );
  return { uid: users.size === 1 ? [...users][0] : undefined, gid: shared.fsGroup };
}

/** Files as the pod's programs are to find them: the group may read, and a token is for its user alone where there is one. */
export const ownedFiles = (files: VolumeFiles, ownership: Ownership): VolumeFiles =>
  new Map([...files].map(([path, file]) => [path, ownedFile(file, ownership)]));

function ownedFile({ content, mode, token = false }: VolumeFile, { uid, gid }: Ownership): VolumeFile {
  const own = token && uid === undefined && gid === undefined ? openTokenMode : mode;
  return {
    content,
    mode: gid === undefined ? own : own | groupReads,
    ...(gid === undefined ? {} : { gid }),
    ...(token && uid !== undefined ? { uid } : {}),
  };
}

/** Several users, of whom nothing is known: any may read it. */
const openTokenMode = 0o644;
const groupReads = 0o440;

/** A folder that everybody may write to, whatever the umask; files made in it belong to the group, where there is one. */
export function openFolder(dir: string, { gid }: Ownership): void {
  if (gid !== undefined) chownSync(dir, -1, gid);
  const mode = gid === undefined ? 0o777 : 0o2777;
  if ((statSync(dir).mode & 0o7777) !== mode) chmodSync(dir, mode);
}
