/** What strangers can reach with bytes of their own, each with the input that is thrown at it. Only a StatusError may come back. */
import fc from "fast-check";
import { scheduleError } from "../../api/batch/cron-schedule.js";
import { pods } from "../../api/core/pod/pod.js";
import { parseJson } from "../../apimachinery/codec/json.js";
import { readYaml } from "../../apimachinery/codec/yaml.js";
import { parseDuration } from "../../apimachinery/duration.js";
import { applyConfiguration } from "../../apimachinery/patch/apply/apply.js";
import { shapeOf } from "../../apimachinery/patch/apply/shape.js";
import { applyJsonPatch } from "../../apimachinery/patch/json.js";
import { applyMergePatch, type JsonObject } from "../../apimachinery/patch/merge.js";
import { applyStrategicPatch } from "../../apimachinery/patch/strategic.js";
import { formatQuantity, isQuantity, parseQuantity } from "../../apimachinery/quantity.js";
import { decode } from "../../apimachinery/schema/decode.js";
import { valuesOf } from "../../apimachinery/schema/schema.test-kit.js";
import { parseFieldSelector } from "../../apimachinery/selector/field.js";
import { parseLabelSelector } from "../../apimachinery/selector/label.js";
import { negotiate } from "../encoding/accept.js";
import { decodeBody } from "../encoding/protobuf.js";
import type { ApiKit } from "../endpoints/api.test-kit.js";
import { parseContinueToken } from "../registry/continue-token.js";
import { requestInfo } from "../stages/request-info.js";

export interface Target {
  readonly name: string;
  readonly input: fc.Arbitrary<unknown>;
  readonly run: (input: never) => unknown;
}

const target = <T>(name: string, input: fc.Arbitrary<T>, run: (input: T) => unknown): Target => ({ name, input, run });

/** Text made of what a grammar reads, now and then repeated so often that anything not linear shows. */
function texts(fragments: readonly string[], repeatMax = 4_000): fc.Arbitrary<string> {
  const fragment = fc.oneof(fc.constantFrom(...fragments), fc.string({ maxLength: 6 }));
  const repeated = fc.tuple(fragment, fc.oneof(fc.constant(1), fc.nat(4), fc.nat(repeatMax)));
  return fc
    .array(repeated, { maxLength: 12 })
    .map((parts) => parts.map(([part, times]) => part.repeat(times)).join(""));
}

const json = fc.jsonValue({ maxDepth: 5 });
const names = [
  "metadata",
  "spec",
  "containers",
  "name",
  "image",
  "labels",
  "__proto__",
  "constructor",
  "$patch",
  "ports",
];
const oddObject = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 5 },
    fc.string(),
    fc.integer(),
    fc.constant(null),
    tie("object"),
    fc.array(tie("value"), { maxLength: 4 }),
  ),
  object: fc.dictionary(fc.oneof(fc.constantFrom(...names), fc.string()), tie("value"), { maxKeys: 5 }),
})).object as fc.Arbitrary<Record<string, unknown>>;
const pod = valuesOf(pods.schema, 6) as fc.Arbitrary<Record<string, unknown>>;
const pointer = texts(["/", "/spec", "/containers", "/0", "/-", "~0", "~1", "/metadata", "/__proto__"], 40);
const operation = fc.record(
  {
    op: fc.constantFrom("add", "remove", "replace", "move", "copy", "test", "x"),
    path: pointer,
    from: pointer,
    value: json,
  },
  { requiredKeys: ["op"] },
);
const now = "2026-01-01T00:00:00Z";

/** Pure readers of what comes in. */
export const readers: readonly Target[] = [
  target(
    "paths",
    texts(["/", "api", "apis", "v1", "namespaces", "pods", "%2F", "%00", "%", "..", ".", "status"]),
    (path) => requestInfo("GET", `/${path}`, new URLSearchParams()),
  ),
  target(
    "label selectors",
    texts(["a", "=", "==", "!=", "in", "notin", "(", ")", ",", "!", " ", "x.y/z", "b-"]),
    (text) => parseLabelSelector(text).matches({ a: "b" }),
  ),
  target("field selectors", texts(["metadata.name", "=", "==", "!=", ",", "\\", "\\,", "\\="]), parseFieldSelector),
  target("quantities", texts(["1", "0", ".", "-", "+", "e", "E", "Ki", "m", "n", "999"], 2_000), (text) =>
    isQuantity(text) ? formatQuantity(parseQuantity(text)) : undefined,
  ),
  target("durations", texts(["1", "h", "m", "s", "ms", ".", "-", "+"]), parseDuration),
  target(
    "cron schedules",
    texts(["*", "/", "-", ",", "1", "59", " ", "@daily", "MON", "TZ=", "?"], 200),
    scheduleError,
  ),
  target("continue tokens", texts(["e", "y", "=", "Jw", "{", "}"]), parseContinueToken),
  target(
    "accept headers",
    texts(["application/json", ";", "as=Table", "q=", "0.5", ",", "*/*", "v=v1", "g=meta.k8s.io"]),
    (text) => negotiate(text, { shaped: true }),
  ),
  target(
    "JSON",
    texts(['{"a":', "[", "]", "}", ",", '"', "\\u", "1", "e9", "-", "12345678901234567890", "true", " "]),
    (text) => parseJson(text, { strict: true }),
  ),
  target("JSON of bytes", fc.uint8Array({ maxLength: 400 }), (bytes) => parseJson(bytes, { strict: true })),
  target(
    "YAML",
    texts(
      ["a: ", "- ", "\n", "  ", "&x ", "*x", "!!", "{", "[", "}", "]", '"', "'", "|", ">", "---", "? ", "<<: ", "%"],
      600,
    ),
    readYaml,
  ),
  target(
    "protocol buffers",
    fc.tuple(fc.constantFrom("k8s\0", ""), fc.uint8Array({ maxLength: 600 })),
    ([head, bytes]) => decodeBody(Buffer.concat([Buffer.from(head), bytes])),
  ),
  target("objects", oddObject, (object) => decode(pods.schema, object, { strict: "Warn" })),
];

/** What changes one document by another. */
export const patches: readonly Target[] = [
  target("JSON patches", fc.tuple(pod, fc.oneof(fc.array(operation, { maxLength: 12 }), json)), ([document, patch]) =>
    applyJsonPatch(document, patch),
  ),
  target("merge patches", fc.tuple(pod, oddObject), ([document, patch]) => applyMergePatch(document, patch)),
  target("strategic merge patches", fc.tuple(pod, fc.oneof(pod, oddObject)), ([document, patch]) =>
    applyStrategicPatch(pods.schema, document, patch),
  ),
  target("applied configurations", fc.tuple(pod, pod), ([live, config]) =>
    applyConfiguration(shapeOf(pods.schema), {
      live: live as JsonObject,
      stored: undefined,
      config: config as JsonObject,
      manager: { manager: "fuzz", operation: "Apply", apiVersion: "v1", subresource: "" },
      force: true,
      scope: { part: "main", hasStatusEndpoint: true },
      now,
    }),
  ),
];

const kinds = ["pods", "configmaps", "services", "events", "secrets", "namespaces"];
const path = fc
  .tuple(fc.constantFrom(...kinds), fc.option(fc.constantFrom("a", "b", "%00", "x/status", "a/binding", "a/scale")))
  .map(
    ([kind, name]) => `/api/v1/${kind === "namespaces" ? "" : "namespaces/default/"}${kind}${name ? `/${name}` : ""}`,
  );
const query = texts(
  [
    "limit=",
    "continue=",
    "1",
    "&",
    "fieldSelector=",
    "labelSelector=",
    "resourceVersionMatch=",
    "dryRun=All",
    "fieldManager=f",
    "=",
  ],
  20,
);
const bodies = fc.oneof(
  oddObject.map((object) => JSON.stringify(object)),
  pod.map((object) => JSON.stringify(object)),
  texts(["{", "}", '"a":', "null", ","], 200),
);
const contentTypes = [
  "application/json",
  "application/yaml",
  "application/vnd.kubernetes.protobuf",
  "application/json-patch+json",
  "application/merge-patch+json",
  "application/strategic-merge-patch+json",
  "application/apply-patch+yaml",
];

/** Whole requests, which may refuse and must not fail; none that waits for a version that is not there yet. */
export const requests = (kit: ApiKit): Target =>
  target(
    "requests",
    fc.record({
      method: fc.constantFrom("GET", "POST", "PUT", "PATCH", "DELETE"),
      path,
      query,
      body: bodies,
      type: fc.constantFrom(...contentTypes),
    }),
    async ({ method, path: asked, query: question, body, type }) => {
      const carries = method !== "GET" && method !== "DELETE";
      const { status } = await kit.json(method, `${asked}?${question}`, {
        headers: { "content-type": type },
        ...(carries ? { bytes: body } : {}),
      });
      if (status === 500) throw new Error("500");
    },
  );
