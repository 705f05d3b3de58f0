import type { VolumeProjection } from "../../api/core/pod/volume-projected.js";
import { ConfigError } from "../pod/env.js";
import { downwardFiles } from "./downward-api.js";
import { filesOfKeys } from "./keys.js";
import type { VolumeContext, VolumeFiles, VolumePlugin } from "./plugin.js";

/** Several sources in one directory; the service account's token among them. */
export const projected: VolumePlugin = {
  source: "projected",
  async content({ projected: source }, context) {
    const parts: VolumeFiles[] = [];
    for (const projection of source?.sources ?? [])
      parts.push(await filesOf(projection, source?.defaultMode ?? 0o644, context));
    return { type: "files", files: new Map(parts.flatMap((files) => [...files])) };
  },
};

async function filesOf(
  projection: VolumeProjection,
  defaultMode: number,
  context: VolumeContext,
): Promise<VolumeFiles> {
  const { configMap, secret, downwardAPI, serviceAccountToken } = projection;
  if (configMap) {
    const name = configMap.name ?? "";
    return filesOfKeys({
      title: `configmap ${JSON.stringify(name)}`,
      data: await context.configMap(name),
      items: configMap.items,
      optional: configMap.optional ?? false,
      defaultMode,
    });
  }
  if (secret) {
    const name = secret.name ?? "";
    return filesOfKeys({
      title: `secret ${JSON.stringify(name)}`,
      data: await context.secret(name),
      items: secret.items,
      optional: secret.optional ?? false,
      defaultMode,
    });
  }
  if (downwardAPI) return downwardFiles(downwardAPI.items ?? [], defaultMode, context);
  if (serviceAccountToken) {
    const token = await context.token(serviceAccountToken.audience, serviceAccountToken.expirationSeconds);
    return new Map([[serviceAccountToken.path, { content: Buffer.from(token), mode: tokenMode, token: true }]]);
  }
  throw new ConfigError(`projected source ${Object.keys(projection)[0] ?? ""} is not supported`);
}

const tokenMode = 0o600;
