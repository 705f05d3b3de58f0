import { type Clock, systemClock } from "../../base/clock.js";
import type { Client } from "../../client/client.js";
import { openMemoryApi } from "./memory-api.js";

/** For tests of what stands on a client and needs no more: one server, on a store of its own that ends with it. */
export interface LocalApi {
  readonly client: Client;
  close(): Promise<void>;
}

export async function openLocalApi({ clock = systemClock }: { readonly clock?: Clock } = {}): Promise<LocalApi> {
  const { client, storage, close } = await openMemoryApi({ clock });
  return {
    client,
    async close() {
      await close();
      await storage.close();
    },
  };
}
