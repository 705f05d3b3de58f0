/** Answers for callers in the same process: the cache's own objects, not encoded at all. */
import type { LocalAnswer, LocalWatchEvent } from "../../apimachinery/local-call.js";
import type { KubeObject } from "../../apimachinery/meta.js";
import { apiVersionOf } from "../../apimachinery/resource.js";
import { StatusError } from "../../apimachinery/status.js";
import { assert } from "../../base/assert.js";
import type { Answer, WatchFrame } from "../request.js";
import { negotiate } from "./accept.js";
import { partialMetadata } from "./partial-metadata.js";
import { bookmarkObject } from "./watch-frames.js";

/** `accept` may ask for PartialObjectMetadata; there are no Tables here. */
export function toLocalAnswer(answer: Answer, accept: string | undefined, warnings: readonly string[]): LocalAnswer {
  switch (answer.type) {
    case "object":
      return { type: "object", status: answer.status, object: shower(accept)(answer.revision.object), warnings };
    case "value":
      return { type: "object", status: answer.status, object: answer.value, warnings };
    case "list":
      return { type: "list", status: 200, list: localList(answer, accept), warnings };
    case "watch":
      return { type: "watch", events: localEvents(answer.events, accept) };
    case "stream":
      return { type: "bytes", status: answer.status, headers: joined(answer.headers), body: answer.body };
    case "taken":
      assert(false, "a connection cannot be taken over in process");
  }
}

const joined = (headers: Readonly<Record<string, string | string[]>>): Readonly<Record<string, string>> =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)]));

type Show = (object: KubeObject) => KubeObject;
const whole: Show = (object) => object;

function shower(accept: string | undefined): Show {
  const { shape } = negotiate(accept, { shaped: true });
  if (shape === "table") throw new StatusError("NotAcceptable", "there are no Tables in process");
  return shape === "metadata" ? partialMetadata : whole;
}

function localList(
  { definition, items, metadata }: Answer & { readonly type: "list" },
  accept: string | undefined,
): (LocalAnswer & { readonly type: "list" })["list"] {
  const show = shower(accept);
  const typed =
    show === whole
      ? { kind: `${definition.kind}List`, apiVersion: apiVersionOf(definition) }
      : { kind: "PartialObjectMetadataList", apiVersion: "meta.k8s.io/v1" };
  return { ...typed, metadata, items: items.map(({ object }) => show(object)) };
}

async function* localEvents(
  batches: AsyncIterable<readonly WatchFrame[]>,
  accept: string | undefined,
): AsyncGenerator<readonly LocalWatchEvent[]> {
  const show = shower(accept);
  for await (const frames of batches) {
    const events: LocalWatchEvent[] = [];
    let failure: Error | undefined;
    for (const frame of frames) {
      if (frame.type === "ERROR") failure = frame.error;
      else if (frame.type === "BOOKMARK") {
        const object = bookmarkObject(frame, show === whole ? "object" : "metadata") as KubeObject;
        events.push({ type: "BOOKMARK", object });
      } else events.push({ type: frame.type, object: show(frame.revision.object) });
    }
    if (events.length > 0) yield events;
    if (failure) throw failure;
  }
}
