import { groupResourceOf, type ResourceDefinition } from "../../apimachinery/resource.js";
import { validateSchema } from "../../apimachinery/schema/validate.js";
import { invalid, StatusError } from "../../apimachinery/status.js";
import { negotiate } from "../encoding/accept.js";
import { hasProtobuf } from "../encoding/protobuf.js";
import type { Answer, RequestContext } from "../request.js";
import { checkAddress, readObject } from "./body.js";
import { writeQuery } from "./query.js";
import { scaleVerbs } from "./subresources/scale.js";
import { statusVerbs } from "./subresources/status.js";
import type { SubresourceEndpoint } from "./subresources.js";
import type { EndpointApi, Target, VerbEndpoint } from "./target.js";
import { create } from "./verbs/create.js";
import { deleteOne } from "./verbs/delete.js";
import { deleteCollection } from "./verbs/delete-collection.js";
import { get } from "./verbs/get.js";
import { list } from "./verbs/list.js";
import { patch } from "./verbs/patch.js";
import { update } from "./verbs/update.js";
import { watch } from "./verbs/watch.js";
import { readVirtual, type VirtualEndpoint } from "./virtual.js";

const verbs: ReadonlyMap<string, VerbEndpoint> = new Map([
  ["create", create],
  ["get", get],
  ["list", list],
  ["watch", watch],
  ["update", update],
  ["patch", patch],
  ["delete", deleteOne],
  ["deletecollection", deleteCollection],
]);

/** Finds the endpoint that a request's path and verb mean. */
export class Dispatcher {
  readonly #subresources: ReadonlyMap<string, SubresourceEndpoint>;
  readonly #virtuals: ReadonlyMap<string, VirtualEndpoint>;
  readonly #api: EndpointApi;

  constructor(subresources: readonly SubresourceEndpoint[], virtuals: readonly VirtualEndpoint[], api: EndpointApi) {
    this.#subresources = new Map(subresources.map((endpoint) => [`${endpoint.resource}/${endpoint.name}`, endpoint]));
    this.#virtuals = new Map(virtuals.map((endpoint) => [endpoint.resource, endpoint]));
    this.#api = api;
  }

  async handle(context: RequestContext): Promise<Answer> {
    const { resource, verb } = context.info;
    const definition = resource && this.#api.kinds.at(resource);
    if (!definition) throw noSuchPath();
    const { namespace, name, subresource, tail } = resource;
    const namespaced = definition.scope === "Namespaced";
    if (namespace !== "" && !namespaced) throw noSuchPath();
    const target: Target = { definition, namespace, name };
    if (name !== "" && namespaced && namespace === "") throw noSuchPath();
    if (definition.deprecated) context.warn(definition.deprecated);
    if (subresource !== "") return this.#subresource(context, target, subresource, tail);
    if (definition.virtual) return this.#virtual(context, target);
    const endpoint = verbs.get(verb);
    const known = (definition.verbs as readonly string[]).includes(verb);
    // Collections are written to within one namespace; only reads span all of them.
    const spans = namespaced && namespace === "" && !readsAcross.has(verb);
    const placed =
      verb === "watch" ? readMethods.has(context.request.method) : (name === "") === collectionVerbs.has(verb);
    if (!endpoint || !known || spans || !placed) throw methodNotAllowed(definition);
    // A write whose answer the client would not take must not happen first.
    negotiate(context.request.headers.accept, {
      shaped: true,
      streamed: verb === "watch",
      protobuf: () => hasProtobuf(definition),
    });
    const answer = await endpoint(context, target, this.#api);
    if (definition.notBuilt && writes.has(verb)) context.warn(notBuiltWarning(definition));
    return answer;
  }

  async #subresource(context: RequestContext, target: Target, name: string, tail: string): Promise<Answer> {
    const { definition } = target;
    const { status, scale } = definition.subresources;
    const generic = name === "status" && status ? statusVerbs : name === "scale" && scale ? scaleVerbs : undefined;
    if (generic) {
      if (tail !== "") throw noSuchPath();
      const endpoint = generic.get(context.info.verb);
      if (!endpoint) throw methodNotAllowed(definition);
      return endpoint(context, target, this.#api);
    }
    const endpoint = this.#subresources.get(`${groupResourceOf(definition)}/${name}`);
    if (!endpoint) {
      if (definition.subresources.others && Object.hasOwn(definition.subresources.others, name))
        throw notImplemented(definition, name);
      throw noSuchPath();
    }
    if (!endpoint.methods.includes(context.request.method)) throw methodNotAllowed(definition);
    return endpoint.handle(context, { ...this.#api, target });
  }

  async #virtual(context: RequestContext, { definition, namespace, name }: Target): Promise<Answer> {
    const { verb } = context.info;
    const isKnown = (definition.verbs as readonly string[]).includes(verb);
    if (!isKnown || (name === "") !== collectionVerbs.has(verb)) throw methodNotAllowed(definition);
    const endpoint = this.#virtuals.get(groupResourceOf(definition));
    if (!endpoint) throw notImplemented(definition, "");
    if (!("handle" in endpoint)) {
      negotiate(context.request.headers.accept, { shaped: true, protobuf: () => hasProtobuf(definition) });
      return readVirtual(endpoint, context, { definition, namespace, name }, this.#api);
    }
    if (definition.scope === "Namespaced" && namespace === "") throw methodNotAllowed(definition);
    const { fieldValidation } = writeQuery(context, "CreateOptions");
    const object = await readObject(context, definition, fieldValidation);
    checkAddress(definition, object, { namespace, name: "" });
    const errors = validateSchema(definition.schema, object);
    if (errors.length > 0) throw invalid(definition, object.metadata.name ?? "", errors);
    const placed = namespace === "" ? object : { ...object, metadata: { ...object.metadata, namespace } };
    return endpoint.handle(context, placed, this.#api);
  }
}

const writes: ReadonlySet<string> = new Set(["create", "update", "patch"]);
const readMethods: ReadonlySet<string> = new Set(["GET", "HEAD"]);
const collectionVerbs: ReadonlySet<string> = new Set(["create", "list", "watch", "deletecollection"]);
const readsAcross: ReadonlySet<string> = new Set(["get", "list", "watch"]);

/** What whoever writes an object is told that nothing acts on yet. */
const notBuiltWarning = ({ kind, notBuilt }: ResourceDefinition): string =>
  notBuilt === "effect"
    ? `${kind} has no effect in this cluster yet`
    : `no controller for ${kind} runs in this cluster yet`;

const noSuchPath = (): StatusError =>
  new StatusError("NotFound", "the server could not find the requested resource", {});

const methodNotAllowed = ({ group, plural }: ResourceDefinition): StatusError =>
  new StatusError("MethodNotAllowed", "the server does not allow this method on the requested resource", {
    ...(group === "" ? {} : { group }),
    kind: plural,
  });

const notImplemented = ({ plural }: ResourceDefinition, subresource: string): StatusError => {
  const path = subresource === "" ? plural : `${plural}/${subresource}`;
  return new StatusError("MethodNotAllowed", `${path} is not implemented by this server yet`, { kind: plural }, 501);
};
