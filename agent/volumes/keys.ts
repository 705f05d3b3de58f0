import type { KeyToPath } from "../../api/core/pod/volume.js";
import { ConfigError } from "../pod/env.js";
import type { VolumeFile, VolumeFiles } from "./plugin.js";

export interface KeyedSource {
  /** `configmap "x"`, for messages. */
  readonly title: string;
  readonly data: ReadonlyMap<string, Uint8Array> | undefined;
  readonly items: readonly KeyToPath[] | undefined;
  readonly optional: boolean;
  readonly defaultMode: number;
}

/** All keys of an object as files, or those that are listed, at their paths. */
export function filesOfKeys({ title, data, items, optional, defaultMode }: KeyedSource): VolumeFiles {
  const files = new Map<string, VolumeFile>();
  if (!data) {
    if (optional) return files;
    throw new ConfigError(`${title} not found`);
  }
  if (!items) {
    for (const [key, content] of data) files.set(key, { content, mode: defaultMode });
    return files;
  }
  for (const { key, path, mode } of items) {
    const content = data.get(key);
    if (content) files.set(path, { content, mode: mode ?? defaultMode });
    else if (!optional) throw new ConfigError(`references non-existent ${title.split(" ")[0]} key: ${key}`);
  }
  return files;
}
