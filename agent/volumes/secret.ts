import { filesOfKeys } from "./keys.js";
import type { VolumePlugin } from "./plugin.js";

/** The keys of a Secret as files. */
export const secret: VolumePlugin = {
  source: "secret",
  async content({ secret: source }, context) {
    const name = source?.secretName ?? "";
    return {
      type: "files",
      files: filesOfKeys({
        title: `secret ${JSON.stringify(name)}`,
        data: await context.secret(name),
        items: source?.items,
        optional: source?.optional ?? false,
        defaultMode: source?.defaultMode ?? 0o644,
      }),
    };
  },
};
