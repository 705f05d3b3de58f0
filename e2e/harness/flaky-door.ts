import type { LocalAnswer, LocalDoor } from "../../apimachinery/local-call.js";
import type { Client } from "../../client/client.js";
import { createLocalTransport } from "../../client/local-transport.js";
import { createClient } from "../../client/rest.js";

/** A door whose server can be replaced, go away, and break off its watches. */
export class FlakyDoor {
  readonly client: Client;
  #door: LocalDoor | undefined;
  readonly #watches = new Set<AbortController>();
  /** Watches asked for so far, by their resourceVersion. */
  readonly watchedFrom: string[] = [];
  lists = 0;

  constructor(door: LocalDoor) {
    this.#door = door;
    this.client = createClient(
      createLocalTransport({ door: (request) => this.#pass(request), certificate: new Uint8Array() }),
    );
  }

  /** Another server answers from now on; none: nobody does. */
  replace(door: LocalDoor | undefined): void {
    this.#door = door;
    this.cut();
  }

  /** Every watch breaks in the middle. */
  cut(): void {
    for (const watch of this.#watches) watch.abort();
    this.#watches.clear();
  }

  async #pass(request: Parameters<LocalDoor>[0]): Promise<LocalAnswer> {
    if (!this.#door) throw new Error("connection refused");
    if (request.query.get("watch") !== "true") {
      if (request.method === "GET") this.lists += 1;
      return this.#door(request);
    }
    this.watchedFrom.push(request.query.get("resourceVersion") ?? "");
    const controller = new AbortController();
    const stop = (): void => controller.abort();
    request.signal.addEventListener("abort", stop, { once: true });
    const answer = await this.#door({ ...request, signal: controller.signal });
    if (answer.type !== "watch") return answer;
    this.#watches.add(controller);
    return { type: "watch", events: breaking(answer.events, controller.signal, request.signal) };
  }
}

async function* breaking<T>(events: AsyncIterable<T>, cut: AbortSignal, asked: AbortSignal): AsyncIterable<T> {
  for await (const batch of events) {
    if (cut.aborted) break;
    yield batch;
  }
  if (cut.aborted && !asked.aborted) throw new Error("connection reset");
}
