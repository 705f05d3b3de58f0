import type { LocalDoor, LocalRequest } from "../apimachinery/local-call.js";
import { toLocalAnswer } from "./encoding/local-answer.js";
import type { Pipeline } from "./pipeline.js";
import type { ApiRequest } from "./request.js";

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
      const answer = toLocalAnswer(outcome.answer, request.headers.accept, warnings);
      const { context } = outcome;
      if (answer.type === "watch")
        return { type: "watch", events: untilEnd(answer.events, context.signal, () => end(200)) };
      if (answer.type === "bytes")
        return { ...answer, body: untilEnd(answer.body, context.signal, () => end(answer.status)) };
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

/** Calls `end` when the stream does, or when its signal says that nobody will read it to its end. */
function untilEnd<T>(source: AsyncIterable<T>, signal: AbortSignal, end: () => void): AsyncIterable<T> {
  if (signal.aborted) end();
  else signal.addEventListener("abort", end, { once: true });
  return passOn(source, () => {
    signal.removeEventListener("abort", end);
    end();
  });
}

async function* passOn<T>(source: AsyncIterable<T>, done: () => void): AsyncIterable<T> {
  try {
    yield* source;
  } finally {
    done();
  }
}
