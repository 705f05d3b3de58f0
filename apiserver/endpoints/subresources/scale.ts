import { type Scale, scales } from "../../../api/autoscaling/scale.js";
import type { KubeObject } from "../../../apimachinery/meta.js";
import { apiVersionOf, type ResourceDefinition, type ScaleMapping } from "../../../apimachinery/resource.js";
import { type LabelSelectorObject, matcherOf } from "../../../apimachinery/selector/label.js";
import { badRequest, invalid } from "../../../apimachinery/status.js";
import { valueAt } from "../../../apimachinery/validate-object.js";
import { assert } from "../../../base/assert.js";
import { isRecord } from "../../../base/record.js";
import { unstoredRevision } from "../../encoding/object-revision.js";
import type { Answer } from "../../request.js";
import { applyingChange, isApply, readConfiguration } from "../apply.js";
import { checkAddress, readObject } from "../body.js";
import { patchQuery, readPatch } from "../patch-body.js";
import { type WriteQuery, writeQuery } from "../query.js";
import type { EndpointApi, Target, VerbEndpoint } from "../target.js";

const get: VerbEndpoint = async ({ request: { query } }, { definition, ...address }, { registry }) => {
  const { object } = await registry.get(definition, address, query.get("resourceVersion") ?? "");
  return answerOf(scaleOf(object, mappingOf(definition)));
};

const update: VerbEndpoint = async (context, target, api) => {
  const query = writeQuery(context, "UpdateOptions");
  const wanted = await readObject(context, scales, query.fieldValidation);
  checkAddress(scales, wanted, target);
  return write(target, api, query, () => wanted);
};

const patch: VerbEndpoint = async (context, target, api) => {
  if (isApply(context)) return apply(context, target, api);
  const query = patchQuery(context);
  return write(target, api, query, await readPatch(context, scales, query.fieldValidation));
};

/** What is applied to a Scale is applied to the field behind it. */
const apply: VerbEndpoint = async (context, { definition, ...address }, api) => {
  const { options, fieldValidation } = patchQuery(context);
  const mapping = mappingOf(definition);
  const scale = await readConfiguration(context, scales, address, fieldValidation);
  const replicas = valueAt(scale, "spec.replicas") ?? undefined;
  const bare = { kind: definition.kind, apiVersion: apiVersionOf(definition), metadata: scale.metadata };
  const config = replicas === undefined ? bare : withValueAt(bare, mapping.replicas, replicas);
  const change = applyingChange(context, api, definition, config, "scale");
  const { revision } = await api.registry.update(definition, address, change, { ...options, isApplied: true });
  return answerOf(scaleOf(revision.object, mapping));
};

const answerOf = (scale: Scale): Answer => ({
  type: "object",
  status: 200,
  revision: unstoredRevision(scales, "", scale),
});

/** RBAC verb to what it does. */
export const scaleVerbs: ReadonlyMap<string, VerbEndpoint> = new Map([
  ["get", get],
  ["update", update],
  ["patch", patch],
]);

async function write(
  { definition, ...address }: Target,
  { registry }: EndpointApi,
  { options }: WriteQuery,
  scaled: (current: Scale) => Scale,
): ReturnType<VerbEndpoint> {
  const mapping = mappingOf(definition);
  const next = (current: KubeObject): KubeObject => {
    const { metadata, spec } = scaled(scaleOf(current, mapping));
    if (spec.replicas < 0) {
      const message = "must be greater than or equal to 0";
      throw invalid(scales, address.name, [
        { path: "spec.replicas", reason: "Invalid", value: spec.replicas, message },
      ]);
    }
    if (metadata.name !== current.metadata.name) throw badRequest("the name of a scaled object may not change");
    const { resourceVersion, uid } = metadata;
    const versions = { ...(resourceVersion ? { resourceVersion } : {}), ...(uid ? { uid } : {}) };
    return withValueAt({ ...current, metadata: { ...current.metadata, ...versions } }, mapping.replicas, spec.replicas);
  };
  const change = { subresource: "scale", part: "main" as const, next };
  const { revision } = await registry.update(definition, address, change, options);
  return answerOf(scaleOf(revision.object, mapping));
}

/** How a Scale shows an object. */
export function scaleOf(object: KubeObject, mapping: ScaleMapping): Scale {
  const { name, namespace, uid, resourceVersion, creationTimestamp } = object.metadata;
  const replicas = valueAt(object, mapping.replicas);
  const observed = valueAt(object, mapping.statusReplicas);
  const selector = valueAt(object, mapping.selector);
  const requirements = mapping.selectorIs === "labels" ? { matchLabels: selector } : selector;
  const text = isRecord(selector) ? matcherOf(requirements as LabelSelectorObject).toString() : "";
  return {
    kind: "Scale",
    apiVersion: "autoscaling/v1",
    metadata: { name, ...(namespace === undefined ? {} : { namespace }), uid, resourceVersion, creationTimestamp },
    spec: { replicas: typeof replicas === "number" ? replicas : 0 },
    status: { replicas: typeof observed === "number" ? observed : 0, ...(text === "" ? {} : { selector: text }) },
  };
}

function mappingOf({ subresources: { scale }, kind }: ResourceDefinition): ScaleMapping {
  assert(scale, `${kind} has no scale subresource`);
  return scale;
}

/** A copy with another value at a dotted path. */
function withValueAt<T extends object>(object: T, path: string, value: unknown): T {
  const [first = "", ...rest] = path.split(".");
  const below = valueAt(object, first);
  const inner = rest.length === 0 ? value : withValueAt(isRecord(below) ? below : {}, rest.join("."), value);
  return { ...object, [first]: inner };
}
