/** For tests: the API over a store in memory, spoken to as the pipeline does it, without server, authorization or admission. */
import { builtins } from "../../api/catalogue.js";
import type { KubeObject, ListMeta, StoredMeta } from "../../apimachinery/meta.js";
import { StatusError } from "../../apimachinery/status.js";
import { type Clock, systemClock } from "../../base/clock.js";
import { silentLog } from "../../base/log.js";
import { seededRandom } from "../../base/random.js";
import type { Admission } from "../admission/admission.js";
import { encodeAnswer } from "../encoding/encode.js";
import type { Answer, RequestContext, WatchFrame } from "../request.js";
import { requestInfo } from "../stages/request-info.js";
import { openMemory } from "../storage/memory/memory.js";
import type { Storage } from "../storage/storage.js";
import { type Api, createApi } from "./api.js";

export const admitAll: Admission = { mutate: async ({ object }) => object, validate: async () => {} };

export const tester = { name: "tester", uid: "", groups: [], extra: {} };

export interface CallOptions {
  readonly body?: unknown;
  /** In place of a JSON value. */
  readonly bytes?: string | Buffer;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
}

export interface Called {
  readonly answer: Answer;
  readonly warnings: readonly string[];
  readonly context: RequestContext;
}

export interface ApiKit {
  readonly api: Api;
  readonly storage: Storage;
  call(method: string, url: string, options?: CallOptions): Promise<Called>;
  /** Status and JSON of the answer or of the refusal. */
  json(method: string, url: string, options?: CallOptions): Promise<JsonAnswer>;
  close(): Promise<void>;
}

export interface JsonAnswer {
  readonly status: number;
  readonly body: Body;
  readonly warnings: readonly string[];
  readonly headers: Readonly<Record<string, string | string[]>>;
}

/** What may come back, as far as tests look into it. */
export interface Body {
  readonly kind: string;
  readonly apiVersion: string;
  readonly metadata: StoredMeta & ListMeta;
  readonly spec: Readonly<Record<string, unknown>>;
  readonly status: unknown;
  readonly data: Readonly<Record<string, string>>;
  readonly items: readonly KubeObject[];
  readonly rows: readonly { readonly cells: readonly unknown[]; readonly object: unknown }[];
  readonly reason: string;
  readonly message: string;
  readonly details: unknown;
}

let nextSeed = 1;

export async function openApiKit(
  options: { readonly storage?: Storage; readonly clock?: Clock; readonly admission?: Admission } = {},
): Promise<ApiKit> {
  const clock = options.clock ?? systemClock;
  const storage = options.storage ?? openMemory({ clock });
  const api = await createApi({
    storage,
    definitions: builtins,
    admission: () => options.admission ?? admitAll,
    clock,
    // Two kits over one store must not hand out the same uids.
    random: seededRandom(nextSeed++),
    log: silentLog,
    serviceCidr: "10.96.0.0/16",
  });
  const call: ApiKit["call"] = async (method, url, { body, bytes, headers = {}, signal } = {}) => {
    const { pathname, searchParams } = new URL(url, "http://kit");
    const warnings: string[] = [];
    const buffer = bytes === undefined ? undefined : Buffer.from(bytes);
    const context: RequestContext = {
      request: {
        method,
        path: pathname,
        query: searchParams,
        headers,
        body:
          buffer !== undefined
            ? { type: "stream", read: async () => buffer }
            : body === undefined
              ? { type: "none" }
              : { type: "value", value: body },
        clientCertificate: undefined,
        remoteAddress: "",
        signal: signal ?? new AbortController().signal,
        upgrade: undefined,
      },
      info: requestInfo(method, pathname, searchParams),
      user: tester,
      requireRight: () => {},
      warn: (text) => void warnings.push(text),
      signal: signal ?? new AbortController().signal,
    };
    return { answer: await api.handle(context), warnings, context };
  };
  return {
    api,
    storage,
    call,
    async json(method, url, callOptions) {
      try {
        const { answer, warnings, context } = await call(method, url, callOptions);
        const { status, headers, body } = encodeAnswer(answer, { request: context.request, now: () => clock.now() });
        const text = (await collect(body)).toString();
        return { status, headers, warnings, body: JSON.parse(text) as Body };
      } catch (error) {
        if (!(error instanceof StatusError)) throw error;
        return { status: error.code, body: error.status as object as Body, warnings: [], headers: {} };
      }
    },
    async close() {
      await api.close();
      if (!options.storage) await storage.close();
    },
  };
}

export async function collect(body: Uint8Array | AsyncIterable<Uint8Array>): Promise<Buffer> {
  if (body instanceof Uint8Array) return Buffer.from(body);
  const parts: Uint8Array[] = [];
  for await (const part of body) parts.push(part);
  return Buffer.concat(parts);
}

/** Frames of a watch as they come: `TYPE name@resourceVersion`. */
export async function takeFrames(
  events: AsyncIterable<readonly WatchFrame[]>,
  enough: (frames: readonly WatchFrame[]) => boolean,
): Promise<readonly WatchFrame[]> {
  const frames: WatchFrame[] = [];
  for await (const batch of events) {
    frames.push(...batch);
    if (enough(frames)) break;
  }
  return frames;
}

export const frameText = (frame: WatchFrame): string => {
  if (frame.type === "ERROR") return `ERROR ${frame.error.message}`;
  if (frame.type === "BOOKMARK") return `BOOKMARK${frame.initialEventsEnd ? " end" : ""}`;
  return `${frame.type} ${frame.revision.object.metadata.name}`;
};

export const configMap = (name: string, data: Readonly<Record<string, string>> = {}, more: object = {}): object => ({
  apiVersion: "v1",
  kind: "ConfigMap",
  metadata: { name, ...more },
  data,
});

export const podManifest = (name: string, spec: object = {}, meta: object = {}): object => ({
  apiVersion: "v1",
  kind: "Pod",
  metadata: { name, ...meta },
  spec: { containers: [{ name: "c", image: "busybox" }], ...spec },
});
