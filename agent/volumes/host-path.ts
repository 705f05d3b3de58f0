import { mkdirSync, statSync, writeFileSync } from "node:fs";
import { ConfigError } from "../pod/env.js";
import type { VolumePlugin } from "./plugin.js";

/** A path of the host, where the node allows it. https://kubernetes.io/docs/concepts/storage/volumes/#hostpath-volume-types */
export const hostPath: VolumePlugin = {
  source: "hostPath",
  async content({ name, hostPath: source }, { allowHostAccess }) {
    const path = source?.path ?? "";
    const type = source?.type ?? "";
    if (!allowHostAccess)
      throw new ConfigError(
        `volume ${JSON.stringify(name)}: hostPath is not allowed on this node: start it with --allow-host-access`,
      );
    const found = statSync(path, { throwIfNoEntry: false });
    if (!found && type === "DirectoryOrCreate") mkdirSync(path, { recursive: true, mode: 0o755 });
    else if (!found && type === "FileOrCreate") writeFileSync(path, "", { mode: 0o644 });
    else if (type !== "" && !matches(type, found))
      throw new ConfigError(`hostPath type check failed: ${path} is not a ${kinds[type] ?? type}`);
    return { type: "host", path };
  },
};

const kinds: Readonly<Record<string, string>> = {
  Directory: "directory",
  DirectoryOrCreate: "directory",
  File: "file",
  FileOrCreate: "file",
  Socket: "socket file",
  CharDevice: "character device",
  BlockDevice: "block device",
};

function matches(type: string, found: ReturnType<typeof statSync>): boolean {
  if (!found) return false;
  if (type.startsWith("Directory")) return found.isDirectory();
  if (type.startsWith("File")) return found.isFile();
  return (
    (type === "Socket" && found.isSocket()) ||
    (type === "CharDevice" && found.isCharacterDevice()) ||
    (type === "BlockDevice" && found.isBlockDevice())
  );
}
