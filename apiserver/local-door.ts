import type { LocalAnswer, LocalDoor, LocalRequest, LocalWatchEvent } from "../apimachinery/local-call.js";
import type { KubeObject, StoredMeta } from "../apimachinery/meta.js";
import { apiVersionOf, type ResourceDefinition } from "../apimachinery/resource.js";
import { StatusError } from "../apimachinery/status.js";
import type { Pipeline } from "./pipeline.js";
import type { Answer, ApiRequest, RequestContext, WatchFrame } from "./request.js";

/**
 * The door for components of the same process: requests come as values and are answered by the cache's own objects, but
 * they pass the same rooms as those from outside, certificate and all.
 */
export function createLocalDoor(pipeline: Pipeline): LocalDoor {
  return async (request) => {
    const { outcome, warnings, end } = await pipeline(asApiRequest(request));
    if (!outcome.context) {
      end(outcome.error.code);
      throw outcome.error;
    }
    try {
      const answer = localAnswer(outcome.answer, outcome.context, warnings);
      if (answer.type === "watch") return { type: "watch", events: untilEnd(answer.events, () => end(200)) };
      if (answer.type === "bytes") return { ...answer, body: untilEnd(answer.body, () => end(answer.status)) };
      end(answer.status);
      return answer;
    } catch (error) {
      end(500);
      throw error;
    }
  };
}

function asApiRequest({ method, path, query, headers, body, clientCertificate, signal }: LocalRequest): ApiRequest {
  return {
    method,
    path,
    query,
    headers,
    body: body === undefined ? { type: "none" } : { type: "value", value: body },
    clientCertificate,
    remoteAddress: "",
    signal,
    upgrade: undefined,
  };
}

function localAnswer(answer: Answer, { request }: RequestContext, warnings: readonly string[]): LocalAnswer {
  const form = formOf(request.headers.accept);
  switch (answer.type) {
    case "object":
      return { type: "object", status: answer.status, object: form(answer.revision.object), warnings };
    case "value":
      return { type: "object", status: answer.status, object: answer.value, warnings };
    case "list": {
      const { definition, metadata, items } = answer;
      const objects = items.map(({ object }) => form(object));
      return { type: "list", status: 200, list: { ...listType(definition, form), metadata, items: objects }, warnings };
    }
    case "watch":
      return { type: "watch", events: eventsOf(answer.events, form) };
    case "stream":
      return { type: "bytes", status: answer.status, headers: answer.headers, body: answer.body };
    case "taken":
      throw new StatusError("BadRequest", "this request needs a connection of its own");
  }
}

type Form = (object: KubeObject) => KubeObject;

const whole: Form = (object) => object;
const metadataOnly: Form = ({ metadata }) => ({
  apiVersion: "meta.k8s.io/v1",
  kind: "PartialObjectMetadata",
  metadata,
});

function formOf(accept: string | undefined): Form {
  if (accept === undefined || !accept.includes("as=")) return whole;
  if (/;as=PartialObjectMetadata(List)?\b/.test(accept)) return metadataOnly;
  throw new StatusError("NotAcceptable", "only the following media types are accepted: application/json");
}

const listType = (
  definition: ResourceDefinition,
  form: Form,
): { readonly apiVersion: string; readonly kind: string } =>
  form === whole
    ? { apiVersion: apiVersionOf(definition), kind: `${definition.kind}List` }
    : { apiVersion: "meta.k8s.io/v1", kind: "PartialObjectMetadataList" };

async function* eventsOf(
  batches: AsyncIterable<readonly WatchFrame[]>,
  form: Form,
): AsyncIterable<readonly LocalWatchEvent[]> {
  for await (const frames of batches) {
    const events: LocalWatchEvent[] = [];
    for (const frame of frames) {
      if (frame.type !== "ERROR") {
        events.push(eventOf(frame, form));
        continue;
      }
      if (events.length > 0) yield events;
      throw frame.error;
    }
    yield events;
  }
}

function eventOf(frame: Exclude<WatchFrame, { readonly type: "ERROR" }>, form: Form): LocalWatchEvent {
  if (frame.type !== "BOOKMARK") return { type: frame.type, object: form(frame.revision.object) };
  const { definition, atRevision, initialEventsEnd } = frame;
  const metadata = {
    resourceVersion: String(atRevision),
    ...(initialEventsEnd ? { annotations: { "k8s.io/initial-events-end": "true" } } : {}),
  };
  const { apiVersion, kind } =
    form === whole ? { apiVersion: apiVersionOf(definition), kind: definition.kind } : partial;
  // A bookmark stands for no object: it has no name, uid or time.
  return { type: "BOOKMARK", object: { apiVersion, kind, metadata: metadata as Partial<StoredMeta> as StoredMeta } };
}

const partial = { apiVersion: "meta.k8s.io/v1", kind: "PartialObjectMetadata" };

async function* untilEnd<T>(source: AsyncIterable<T>, end: () => void): AsyncIterable<T> {
  try {
    yield* source;
  } finally {
    end();
  }
}
