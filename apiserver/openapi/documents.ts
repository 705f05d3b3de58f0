/** The documents of one generation of definitions, each made when it is first asked for, in small steps, and kept. */
import { createHash } from "node:crypto";
import { promisify } from "node:util";
import { constants, gunzip, gzip } from "node:zlib";
import { tokenRequests } from "../../api/authentication/token-request.js";
import { scales } from "../../api/autoscaling/scale.js";
import { evictions } from "../../api/policy/eviction.js";
import { fieldHead, ProtoWriter } from "../../apimachinery/codec/protobuf/writer.js";
import { apiVersionOf, type ResourceDefinition } from "../../apimachinery/resource.js";
import { yieldToLoop } from "../../base/yield.js";
import { Definitions, type Descriptions } from "./definitions.js";
import { definitionsField, pathsField, writeDefinition, writeFrame, writePath } from "./gnostic-v2.js";
import { definitionEntries, documentFrame, pathEntries } from "./v2.js";
import { discoveryDocument, groupVersionPieces } from "./v3.js";

/** Kept as few bytes: nearly every client takes them so. */
export interface OpenApiDocument {
  readonly gzipped: Uint8Array;
  /** Made of the content. */
  readonly hash: string;
  bytes(): Promise<Uint8Array>;
}

export class OpenApiDocuments {
  readonly #resources: readonly ResourceDefinition[];
  readonly #definitions: Definitions;
  readonly #info: object;
  /** By what is asked for; each is made once. */
  readonly #made = new Map<string, Promise<OpenApiDocument>>();
  readonly #sources = new Map<string, () => AsyncIterable<Uint8Array>>();

  /** `version`: of the server, as /version has it. */
  constructor(resources: readonly ResourceDefinition[], descriptions: Descriptions, version: string) {
    this.#resources = resources;
    // The kinds of subresources have no path of their own.
    const others = [scales, evictions, tokenRequests].filter((kind) => !resources.some((one) => isSameKind(one, kind)));
    this.#definitions = new Definitions([...resources, ...(others as readonly ResourceDefinition[])], descriptions);
    this.#info = { title: "Kubernetes", version };
    this.#addV3();
    this.#sources.set("v2/json", () => texts(this.#v2Texts()));
    this.#sources.set("v2/protobuf", () => this.#v2Protobuf());
  }

  v2(form: "json" | "protobuf"): Promise<OpenApiDocument | undefined> {
    return this.#document(`v2/${form}`);
  }

  /** `apis/apps/v1` */
  v3(path: string): Promise<OpenApiDocument | undefined> {
    return this.#document(`v3/${path}`);
  }

  /** Where the documents of OpenAPI 3.0 lie, with what they contain by hash. */
  index(): Promise<OpenApiDocument> {
    return this.#once("index", async () => {
      const paths: Record<string, { readonly serverRelativeURL: string }> = {};
      for (const key of this.#sources.keys()) {
        if (!key.startsWith("v3/")) continue;
        const path = key.slice("v3/".length);
        const { hash = "" } = (await this.v3(path)) ?? {};
        paths[path] = { serverRelativeURL: `/openapi/v3/${path}?hash=${hash}` };
      }
      this.#definitions.forget();
      return documentOf(Buffer.from(JSON.stringify({ paths })));
    });
  }

  async #document(key: string): Promise<OpenApiDocument | undefined> {
    const source = this.#sources.get(key);
    if (!source) return undefined;
    return this.#once(key, async () => {
      const chunks: Uint8Array[] = [];
      for await (const chunk of source()) chunks.push(chunk);
      return documentOf(Buffer.concat(chunks));
    });
  }

  #once(key: string, make: () => Promise<OpenApiDocument>): Promise<OpenApiDocument> {
    let made = this.#made.get(key);
    if (!made) {
      made = make();
      this.#made.set(key, made);
      made.catch(() => this.#made.delete(key));
    }
    return made;
  }

  #addV3(): void {
    const groupVersions = new Map<string, ResourceDefinition[]>();
    for (const resource of this.#resources)
      groupVersions.set(rootPathOf(resource), [...(groupVersions.get(rootPathOf(resource)) ?? []), resource]);
    const fixed = new Map<string, string[]>([
      ["api", ["/api/"]],
      ["apis", ["/apis/"]],
      ["version", ["/version/"]],
    ]);
    for (const [path, resources] of groupVersions) {
      const parent = path.slice(0, path.lastIndexOf("/"));
      fixed.set(parent, [`/${parent}/`]);
      this.#sources.set(`v3/${path}`, () => texts(groupVersionPieces(resources, this.#definitions, this.#info)));
    }
    for (const [path, paths] of fixed)
      this.#sources.set(`v3/${path}`, () => texts([discoveryDocument(paths, this.#info)]));
  }

  *#v2Texts(): Generator<string> {
    const { swagger, info, ...rest } = documentFrame(this.#info);
    yield `{"swagger":${JSON.stringify(swagger)},"info":${JSON.stringify(info)},"paths":{`;
    let between = "";
    for (const [path, item] of pathEntries(this.#resources, this.#definitions)) {
      yield `${between}${JSON.stringify(path)}:${JSON.stringify(item)}`;
      between = ",";
    }
    yield '},"definitions":{';
    between = "";
    for (const { name, schema } of definitionEntries(this.#resources, this.#definitions)) {
      yield `${between}${JSON.stringify(name)}:${JSON.stringify(schema)}`;
      between = ",";
    }
    yield `},${JSON.stringify(rest).slice(1)}`;
  }

  async *#v2Protobuf(): AsyncGenerator<Uint8Array> {
    const writer = new ProtoWriter();
    writeFrame(writer, documentFrame(this.#info));
    yield writer.finish();
    const paths = pathEntries(this.#resources, this.#definitions);
    yield* delimited(pathsField, paths, (item) => {
      writePath(writer, ...item);
      return writer.finish();
    });
    const definitions = definitionEntries(this.#resources, this.#definitions);
    yield* delimited(definitionsField, definitions, ({ name, schema }) => {
      writeDefinition(writer, name, schema);
      return writer.finish();
    });
  }
}

const compress = promisify(gzip);

const expand = promisify(gunzip);

async function documentOf(bytes: Uint8Array): Promise<OpenApiDocument> {
  const gzipped = await compress(bytes, { level: constants.Z_BEST_SPEED });
  return {
    gzipped,
    hash: createHash("sha512").update(bytes).digest("hex").toUpperCase(),
    bytes: () => expand(gzipped),
  };
}

/** After this much output the event loop gets a turn; a definition or path is a few KB. */
const sliceBytes = 8 * 1024;

async function* texts(pieces: Iterable<string>): AsyncGenerator<Uint8Array> {
  let slice = "";
  for (const piece of pieces) {
    slice += piece;
    if (slice.length < sliceBytes) continue;
    yield Buffer.from(slice);
    slice = "";
    await yieldToLoop();
  }
  yield Buffer.from(slice);
}

/** One length-delimited field that holds all items. */
async function* delimited<T>(
  field: number,
  items: Iterable<T>,
  encode: (item: T) => Uint8Array,
): AsyncGenerator<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  let slice = 0;
  for (const item of items) {
    const chunk = encode(item);
    chunks.push(chunk);
    size += chunk.length;
    slice += chunk.length;
    if (slice < sliceBytes) continue;
    slice = 0;
    await yieldToLoop();
  }
  yield fieldHead(field, size);
  yield* chunks;
}

/** `apis/apps/v1` */
const rootPathOf = (resource: ResourceDefinition): string =>
  `${resource.group === "" ? "api" : "apis"}/${apiVersionOf(resource)}`;

const isSameKind = (a: Pick<ResourceDefinition, "group" | "version" | "kind">, b: typeof a): boolean =>
  a.group === b.group && a.version === b.version && a.kind === b.kind;
