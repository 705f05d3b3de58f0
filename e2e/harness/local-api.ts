import { builtins } from "../../api/catalogue.js";
import { toLocalAnswer } from "../../apiserver/encoding/local-answer.js";
import { createApi } from "../../apiserver/endpoints/api.js";
import { requestInfo } from "../../apiserver/stages/request-info.js";
import { openMemory } from "../../apiserver/storage/memory/memory.js";
import { type Clock, systemClock } from "../../base/clock.js";
import { silentLog } from "../../base/log.js";
import { seededRandom } from "../../base/random.js";
import type { Client } from "../../client/client.js";
import { createLocalTransport } from "../../client/local-transport.js";
import { createClient } from "../../client/rest.js";

/** The real registry over a store in memory, without identities and admission: for tests of what stands on a client. */
export interface LocalApi {
  readonly client: Client;
  close(): Promise<void>;
}

export async function openLocalApi({ clock = systemClock }: { readonly clock?: Clock } = {}): Promise<LocalApi> {
  const storage = openMemory({ clock });
  const api = await createApi({
    storage,
    definitions: builtins,
    admission: () => ({ mutate: async ({ object }) => object, validate: async () => {} }),
    clock,
    random: seededRandom(7),
    log: silentLog,
    serviceCidr: "10.96.0.0/16",
  });
  const transport = createLocalTransport({
    certificate: new Uint8Array(),
    door: async ({ method, path, query, headers, body, signal }) => {
      const request = {
        method,
        path,
        query,
        headers,
        body: body === undefined ? ({ type: "none" } as const) : ({ type: "value", value: body } as const),
        clientCertificate: undefined,
        remoteAddress: "",
        signal,
        upgrade: undefined,
      };
      const user = { name: "tester", uid: "", groups: [], extra: {} };
      const info = requestInfo(method, path, query);
      const answer = await api.handle({ request, info, user, requireRight: () => {}, warn: () => {}, signal });
      return toLocalAnswer(answer, headers.accept, []);
    },
  });
  return {
    client: createClient(transport),
    async close() {
      await api.close();
      await storage.close();
    },
  };
}
