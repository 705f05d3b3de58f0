import { realpathSync } from "node:fs";
import { isMountPoint, mount } from "../host-mounts.js";

/** True when it was not there yet. */
export async function mountTmpfs(dir: string, sizeBytes: number): Promise<boolean> {
  const at = realpathSync(dir);
  if (isMountPoint(at)) return false;
  await mount(["-t", "tmpfs", "-o", `size=${sizeBytes},mode=777,nosuid,nodev`, "tmpfs", at]);
  return true;
}
