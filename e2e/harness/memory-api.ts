import { builtins } from "../../api/catalogue.js";
import type { LocalDoor } from "../../apimachinery/local-call.js";
import type { ResourceDefinition } from "../../apimachinery/resource.js";
import { createAdmission } from "../../apiserver/admission/chain.js";
import { toLocalAnswer } from "../../apiserver/encoding/local-answer.js";
import { type Api, createApi } from "../../apiserver/endpoints/api.js";
import { discoveryEndpoints } from "../../apiserver/endpoints/discovery.js";
import { createPathDispatch } from "../../apiserver/endpoints/paths.js";
import type { RequestContext } from "../../apiserver/request.js";
import { requestInfo } from "../../apiserver/stages/request-info.js";
import { openMemory } from "../../apiserver/storage/memory/memory.js";
import type { Storage } from "../../apiserver/storage/storage.js";
import type { Clock } from "../../base/clock.js";
import { silentLog } from "../../base/log.js";
import { seededRandom } from "../../base/random.js";
import type { Client } from "../../client/client.js";
import { createLocalTransport } from "../../client/local-transport.js";
import { createClient } from "../../client/rest.js";

/** The real registry on the memory store behind a door without identities: what clients and controllers are tested on. */
export interface MemoryApi {
  readonly api: Api;
  readonly door: LocalDoor;
  readonly client: Client;
  readonly storage: Storage;
  /** Closes the API and leaves the store, as a server that stops does. */
  close(): Promise<void>;
}

export interface MemoryApiOptions {
  readonly clock: Clock;
  readonly seed?: number;
  /** Another server on the same store. */
  readonly storage?: Storage;
  readonly definitions?: readonly ResourceDefinition[];
}

export async function openMemoryApi(options: MemoryApiOptions): Promise<MemoryApi> {
  const { clock, definitions = builtins, seed = 1 } = options;
  const storage = options.storage ?? openMemory({ clock });
  const api = await createApi({
    storage,
    definitions,
    admission: (registry) => createAdmission([], registry.reads),
    clock,
    random: seededRandom(seed),
    log: silentLog,
    serviceCidr: "10.96.0.0/16",
  });
  const paths = createPathDispatch(discoveryEndpoints(api.definitions, () => "127.0.0.1:6443"));
  const door: LocalDoor = async (request) => {
    const info = requestInfo(request.method, request.path, request.query);
    const context: RequestContext = {
      request: {
        ...request,
        body: request.body === undefined ? { type: "none" } : { type: "value", value: request.body },
        remoteAddress: "",
        upgrade: undefined,
      },
      info,
      user: { name: "tester", uid: "", groups: ["system:masters"], extra: {} },
      requireRight: () => {},
      warn: () => {},
      signal: request.signal,
    };
    const answer = await (info.resource ? api.handle(context) : paths(context));
    return toLocalAnswer(answer, request.headers.accept, []);
  };
  const client = createClient(createLocalTransport({ door, certificate: new Uint8Array() }));
  return { api, door, client, storage, close: () => api.close() };
}
