import { builtins } from "../../api/catalogue.js";
import { pods } from "../../api/core/pod/pod.js";
import { applyDefaults } from "../../apimachinery/schema/defaults.js";
import { type Api, createApi } from "../../apiserver/endpoints/api.js";
import type { Storage } from "../../apiserver/storage/storage.js";
import { systemClock } from "../../base/clock.js";
import { silentLog } from "../../base/log.js";
import { systemRandom } from "../../base/random.js";

/** The API without HTTP, identities or admission: what the registry alone costs. */
export const openBareApi = (storage: Storage): Promise<Api> =>
  createApi({
    storage,
    definitions: builtins,
    admission: () => ({ mutate: async ({ object }) => object, validate: async () => {} }),
    clock: systemClock,
    random: systemRandom,
    log: silentLog,
    serviceCidr: "10.96.0.0/16",
  });

/** A pod of two containers, about 1.6 kB as JSON. */
export const benchPod = (name: string, nodeName: string) =>
  applyDefaults(pods.schema, {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name, labels: { app: "bench", tier: name.slice(-1) }, annotations: { note: "x".repeat(200) } },
    spec: {
      nodeName,
      containers: [1, 2].map((at) => ({
        name: `c${at}`,
        image: "registry.example/app:1.2.3",
        env: Array.from({ length: 5 }, (_, n) => ({ name: `NAME_${n}`, value: `value-${n}` })),
        ports: [{ containerPort: 8080 + at, name: `http${at}` }],
        resources: { requests: { cpu: "100m", memory: "64Mi" }, limits: { memory: "128Mi" } },
      })),
    },
  } as never);
