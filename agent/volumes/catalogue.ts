import { configMap } from "./config-map.js";
import { downwardApi } from "./downward-api.js";
import { emptyDir } from "./empty-dir.js";
import { hostPath } from "./host-path.js";
import type { VolumePlugin } from "./plugin.js";
import { projected } from "./projected.js";
import { secret } from "./secret.js";

/** Every kind of volume that a node can make; others are refused by name. */
export const volumePlugins: readonly VolumePlugin[] = [emptyDir, configMap, secret, downwardApi, projected, hostPath];
