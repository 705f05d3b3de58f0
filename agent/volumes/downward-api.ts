import type { DownwardAPIVolumeFile } from "../../api/core/pod/volume.js";
import { fieldValue, resourceValue } from "../pod/env.js";
import type { VolumeContext, VolumeFile, VolumeFiles, VolumePlugin } from "./plugin.js";

/** Fields of the pod as files. */
export const downwardApi: VolumePlugin = {
  source: "downwardAPI",
  async content({ downwardAPI: source }, context) {
    return { type: "files", files: downwardFiles(source?.items ?? [], source?.defaultMode ?? 0o644, context) };
  },
};

export function downwardFiles(
  items: readonly DownwardAPIVolumeFile[],
  defaultMode: number,
  { sources }: VolumeContext,
): VolumeFiles {
  const files = new Map<string, VolumeFile>();
  for (const { path, fieldRef, resourceFieldRef, mode } of items) {
    const text = fieldRef
      ? fieldValue(fieldRef, sources)
      : resourceFieldRef
        ? resourceValue(resourceFieldRef, undefined, sources)
        : "";
    files.set(path, { content: Buffer.from(text), mode: mode ?? defaultMode });
  }
  return files;
}
