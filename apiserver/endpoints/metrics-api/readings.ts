import type { IncomingMessage } from "node:http";
import type { Node } from "../../../api/core/node/node.js";
import type { Clock } from "../../../base/clock.js";
import type { Logger } from "../../../base/log.js";
import type { AgentDialer } from "../../outbound/agent-dialer.js";
import { type Reading, readingOf } from "./reading.js";

export interface ReadingsOptions {
  readonly dialer: Pick<AgentDialer, "get">;
  readonly clock: Clock;
  readonly log: Logger;
}

/** Two readings of a node, a while apart. */
export interface Pair {
  readonly before: Reading;
  readonly now: Reading;
}

interface Entry {
  pair: Pair | undefined;
  /** Silent until then: it did not answer. */
  silentUntilMs: number;
  flight: Promise<Pair | undefined> | undefined;
}

/**
 * Asks agents what their nodes use, when somebody wants to know, and keeps the answer for a while. A node that was not
 * asked of late is asked twice, a second apart: CPU use is the difference of two readings.
 */
export class Readings {
  readonly #options: ReadingsOptions;
  readonly #entries = new Map<string, Entry>();
  #asking = 0;
  readonly #waiting: (() => void)[] = [];

  constructor(options: ReadingsOptions) {
    this.#options = options;
  }

  /** Those of the nodes that answer, by node name. */
  async of(nodes: readonly Node[]): Promise<ReadonlyMap<string, Pair>> {
    this.#forgetOld();
    const pairs = await Promise.all(nodes.map(async (node) => [node.metadata.name, await this.#pairOf(node)] as const));
    return new Map(pairs.flatMap(([name, pair]) => (pair ? [[name, pair] as const] : [])));
  }

  async #pairOf(node: Node): Promise<Pair | undefined> {
    const { clock } = this.#options;
    const key = node.metadata.uid;
    const entry = this.#entries.get(key) ?? { pair: undefined, silentUntilMs: 0, flight: undefined };
    this.#entries.set(key, entry);
    if (entry.pair && clock.now() - entry.pair.now.takenAtMs < freshMs) return entry.pair;
    if (clock.now() < entry.silentUntilMs || !node.status?.daemonEndpoints?.kubeletEndpoint?.Port) return undefined;
    entry.flight ??= this.#read(node, entry.pair?.now)
      .then(
        (pair) => {
          entry.pair = pair;
          return pair;
        },
        (error: unknown) => {
          entry.pair = undefined;
          entry.silentUntilMs = clock.now() + silenceMs;
          this.#options.log.debug("a node does not tell what it uses", {
            node: node.metadata.name,
            error: String(error),
          });
          return undefined;
        },
      )
      .finally(() => {
        entry.flight = undefined;
      });
    return entry.flight;
  }

  async #read(node: Node, last: Reading | undefined): Promise<Pair> {
    const { clock } = this.#options;
    const first = await this.#ask(node);
    if (last && first.takenAtMs - last.takenAtMs <= windowMaxMs) return { before: last, now: first };
    await clock.sleep(windowMinMs);
    return { before: first, now: await this.#ask(node) };
  }

  async #ask(node: Node): Promise<Reading> {
    const { dialer, clock } = this.#options;
    if (this.#asking >= atOnce) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    this.#asking++;
    const limit = new AbortController();
    const timer = clock.after(answerMaxMs, () => limit.abort(new Error(`no answer within ${answerMaxMs / 1000} s`)));
    try {
      const path = "/stats/summary?only_cpu_and_memory=true";
      const response = await dialer.get({ node, path, signal: limit.signal });
      if (response.statusCode !== 200) {
        response.destroy();
        throw new Error(`the agent answered ${response.statusCode}`);
      }
      return readingOf(JSON.parse(await textOf(response)), clock.now());
    } finally {
      timer.cancel();
      this.#asking--;
      this.#waiting.shift()?.();
    }
  }

  #forgetOld(): void {
    const nowMs = this.#options.clock.now();
    for (const [key, { pair, flight, silentUntilMs }] of this.#entries)
      if (!flight && nowMs > Math.max(silentUntilMs, (pair?.now.takenAtMs ?? 0) + forgetMs)) this.#entries.delete(key);
  }
}

/** As often as metrics-server asks. */
const freshMs = 15_000;
const windowMinMs = 1_000;
const windowMaxMs = 60_000;
const silenceMs = 5_000;
const answerMaxMs = 5_000;
const forgetMs = 300_000;
const atOnce = 16;
const answerMaxBytes = 16 * 1024 * 1024;

async function textOf(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of response) {
    bytes += chunk.length;
    if (bytes > answerMaxBytes) {
      response.destroy();
      throw new Error(`the agent's answer is longer than ${answerMaxBytes} bytes`);
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}
