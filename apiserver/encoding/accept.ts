/** Which form of an answer a client wants, from its Accept header. */
import { StatusError } from "../../apimachinery/status.js";

/** How objects are shown: whole, as rows, or their metadata alone. */
export type Shape = "object" | "table" | "metadata";
export type MediaType = "application/json" | "application/yaml" | typeof protobufType;
export const protobufType = "application/vnd.kubernetes.protobuf";

export interface AnswerForm {
  readonly mediaType: MediaType;
  readonly shape: Shape;
  /** Of metadata: those of a list were asked for (PartialObjectMetadataList). */
  readonly ofList?: boolean;
}

const servedTypes = `application/json, application/yaml, ${protobufType}`;
const acceptMaxClauses = 32;

export interface Offer {
  /** The answer has a Table form and metadata. */
  readonly shaped: boolean;
  /** The answer is a watch, which has no YAML form. */
  readonly streamed?: boolean;
  /** Whether the answer has a form in protocol buffers; asked only for clients that take it. Absent: it has none. */
  readonly protobuf?: () => boolean;
}

/** The best of what is accepted and served. Throws NotAcceptable. */
export function negotiate(accept: string | undefined, offer: Offer): AnswerForm {
  if (accept === undefined || accept.trim() === "") return plain;
  for (const clause of clausesOf(accept)) {
    const form = formOf(clause, offer);
    if (form && !(offer.streamed && form.mediaType === "application/yaml")) return form;
  }
  throw new StatusError("NotAcceptable", `only the following media types are accepted: ${servedTypes}`);
}

const plain: AnswerForm = { mediaType: "application/json", shape: "object" };

interface Clause {
  readonly type: string;
  readonly parameters: ReadonlyMap<string, string>;
  readonly quality: number;
}

function clausesOf(accept: string): readonly Clause[] {
  return accept
    .split(",", acceptMaxClauses)
    .map(clauseOf)
    .filter(({ quality }) => quality > 0)
    .sort((a, b) => b.quality - a.quality);
}

function clauseOf(text: string): Clause {
  const [type = "", ...rest] = text.split(";").map((part) => part.trim());
  const parameters = new Map(
    rest.map((part): [string, string] => {
      const at = part.indexOf("=");
      return at < 0 ? [part.toLowerCase(), ""] : [part.slice(0, at).trim().toLowerCase(), part.slice(at + 1).trim()];
    }),
  );
  const quality = Number(parameters.get("q") ?? "1");
  return { type: type.toLowerCase(), parameters, quality: Number.isNaN(quality) ? 1 : quality };
}

function formOf({ type, parameters }: Clause, { shaped, protobuf }: Offer): AnswerForm | undefined {
  const mediaType = mediaTypeOf(type);
  if (!mediaType || (mediaType === protobufType && !protobuf?.())) return undefined;
  const as = parameters.get("as");
  if (as === undefined || as === "") return { mediaType, shape: "object" };
  const known = parameters.get("g") === "meta.k8s.io" && tableVersions.has(parameters.get("v") ?? "");
  if (!known || !shaped) return undefined;
  // A Table's cells have no form in protocol buffers.
  if (as === "Table") return mediaType === protobufType ? undefined : { mediaType, shape: "table" };
  return as === "PartialObjectMetadata" || as === "PartialObjectMetadataList"
    ? { mediaType, shape: "metadata", ofList: as === "PartialObjectMetadataList" }
    : undefined;
}

const tableVersions: ReadonlySet<string> = new Set(["v1"]);

function mediaTypeOf(type: string): MediaType | undefined {
  if (type === "application/json" || type === "*/*" || type === "application/*") return "application/json";
  return type === "application/yaml" || type === protobufType ? type : undefined;
}

/** Whether the client takes gzip. */
export function acceptsGzip(acceptEncoding: string | undefined): boolean {
  return (acceptEncoding ?? "").split(",").some((part) => {
    const [name = "", quality = ""] = part.split(";").map((piece) => piece.trim());
    return name === "gzip" && !/^q=0(\.0*)?$/.test(quality);
  });
}
