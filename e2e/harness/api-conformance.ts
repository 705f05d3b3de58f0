import { type Cluster, type ClusterOptions, startCluster, stopClusters } from "./cluster.js";

/** A suite of tests of the API alone, on a cluster of its own. The tests are named after upstream's. */
export function onApi(suite: string, define: (api: ApiUser) => void, options: ClusterOptions = {}): void {
  describe(suite, () => {
    const api = new ApiUser();
    beforeAll(() => api.start(options));
    afterAll(stopClusters);
    define(api);
  });
}

// biome-ignore lint/suspicious/noExplicitAny: tests look into answers of every kind
export type Json = any;

export interface Answered {
  readonly code: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Json;
}

export interface CallOptions {
  readonly type?: string;
  readonly accept?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

const mergePatch = "application/merge-patch+json";
const answerTimeoutMs = 30_000;

/** Speaks to the API as HTTP has it: paths, bodies, codes. */
export class ApiUser {
  #cluster: Cluster | undefined;
  #count = 0;

  async start(options: ClusterOptions): Promise<void> {
    this.use(await startCluster(options));
  }

  /** Speaks to one that others started. */
  use(cluster: Cluster): void {
    this.#cluster = cluster;
  }

  get cluster(): Cluster {
    if (!this.#cluster) throw new Error("the cluster has not been started");
    return this.#cluster;
  }

  /** A name that no other test has. */
  name(prefix: string): string {
    this.#count++;
    return `${prefix}-${this.#count}`;
  }

  /** A namespace of its own, ready for use. */
  async namespace(prefix: string): Promise<string> {
    const name = this.name(prefix);
    await this.ok("POST", "/api/v1/namespaces", { metadata: { name } });
    await this.until("the namespace has its service account", async () => {
      const { code } = await this.call("GET", `/api/v1/namespaces/${name}/serviceaccounts/default`);
      return code === 200;
    });
    return name;
  }

  async call(method: string, path: string, body?: unknown, options: CallOptions = {}): Promise<Answered> {
    const { type, accept, headers } = options;
    const text = body === undefined ? undefined : typeof body === "string" ? body : JSON.stringify(body);
    const contentType = type ?? (method === "PATCH" ? mergePatch : "application/json");
    const response = await this.cluster.client.raw({
      method,
      path,
      headers: {
        accept: accept ?? "application/json",
        "user-agent": "e2e.test/v1",
        ...headers,
        ...(text === undefined ? {} : { "content-type": contentType }),
      },
      ...(text === undefined ? {} : { body: text }),
      signal: AbortSignal.timeout(answerTimeoutMs),
    });
    const chunks: Uint8Array[] = [];
    for await (const chunk of response.body) chunks.push(chunk);
    const answer = Buffer.concat(chunks).toString("utf8");
    return { code: response.status, headers: response.headers, body: answer === "" ? undefined : parsed(answer) };
  }

  /** The body of an answer that must be a success. */
  async ok(method: string, path: string, body?: unknown, options?: CallOptions): Promise<Json> {
    const answer = await this.call(method, path, body, options);
    if (answer.code >= 400) throw new Error(`${method} ${path}: ${answer.code} ${JSON.stringify(answer.body)}`);
    return answer.body;
  }

  get(path: string): Promise<Json> {
    return this.ok("GET", path);
  }

  async until(what: string, condition: () => Promise<boolean>, limitMs = 60_000): Promise<void> {
    const endMs = Date.now() + limitMs;
    while (!(await condition())) {
      if (Date.now() > endMs) throw new Error(`not within ${limitMs} ms: ${what}`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  /** A watch; its events are collected until `stop`. */
  async watch(path: string): Promise<Watched> {
    const stop = new AbortController();
    const full = `${path}${path.includes("?") ? "&" : "?"}watch=true`;
    const response = await this.cluster.client.raw({ method: "GET", path: full, headers: {}, signal: stop.signal });
    if (response.status !== 200) throw new Error(`${full}: ${response.status}`);
    const watched = new Watched(response.body, () => stop.abort());
    return watched;
  }
}

export interface Seen {
  readonly type: string;
  readonly object: Json;
}

/** The events of a watch as they come. */
export class Watched {
  readonly events: Seen[] = [];
  readonly stop: () => void;
  readonly ended: Promise<void>;

  constructor(body: AsyncIterable<Uint8Array>, stop: () => void) {
    this.stop = stop;
    this.ended = this.#read(body).catch(() => {});
  }

  async #read(body: AsyncIterable<Uint8Array>): Promise<void> {
    let rest = "";
    for await (const chunk of body) {
      rest += Buffer.from(chunk).toString("utf8");
      const lines = rest.split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines) this.events.push(JSON.parse(line));
    }
  }

  /** `TYPE name` of each. */
  get told(): readonly string[] {
    return this.events.map(({ type, object }) => `${type} ${object.metadata.name}`);
  }

  async take(count: number, limitMs = 60_000): Promise<readonly Seen[]> {
    const endMs = Date.now() + limitMs;
    while (this.events.length < count) {
      if (Date.now() > endMs)
        throw new Error(`${this.events.length} of ${count} events within ${limitMs} ms: ${this.told.join(", ")}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    return this.events.slice(0, count);
  }
}

function parsed(text: string): Json {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
