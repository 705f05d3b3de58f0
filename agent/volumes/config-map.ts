import { filesOfKeys } from "./keys.js";
import type { VolumePlugin } from "./plugin.js";

/** The keys of a ConfigMap as files. */
export const configMap: VolumePlugin = {
  source: "configMap",
  async content({ configMap: source }, context) {
    const name = source?.name ?? "";
    return {
      type: "files",
      files: filesOfKeys({
        title: `configmap ${JSON.stringify(name)}`,
        data: await context.configMap(name),
        items: source?.items,
        optional: source?.optional ?? false,
        defaultMode: source?.defaultMode ?? 0o644,
      }),
    };
  },
};
