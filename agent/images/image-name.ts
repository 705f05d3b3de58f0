/** An image name in full. https://kubernetes.io/docs/concepts/containers/images/#image-names */
export interface ImageName {
  /** The registry, with its port: `docker.io` where none is said. */
  readonly domain: string;
  /** Below the registry: `library/busybox`. */
  readonly path: string;
  readonly tag: string | undefined;
  readonly digest: string | undefined;
}

export type ParsedImageName =
  | { readonly ok: true; readonly name: ImageName }
  | { readonly ok: false; readonly problem: string };

/** Reads a name as container engines do, in time linear in its length. */
export function parseImageName(text: string): ParsedImageName {
  if (text.length > textMax) return fault(tooLong);
  if (/^[0-9a-f]{64}$/.test(text))
    return fault(`invalid repository name (${text}), cannot specify 64-byte hexadecimal strings`);
  const { domain, rest } = splitDomain(text);
  const at = rest.indexOf("@");
  const digest = at < 0 ? undefined : rest.slice(at + 1);
  const tagged = at < 0 ? rest : rest.slice(0, at);
  const colon = tagged.indexOf(":");
  const tag = colon < 0 ? undefined : tagged.slice(colon + 1);
  const path = colon < 0 ? tagged : tagged.slice(0, colon);
  if (/[A-Z]/.test(path)) return fault(`${malformed}: repository name (${path}) must be lowercase`);
  if (!domainPattern.test(domain) || !path.split("/").every((part) => componentPattern.test(part)))
    return fault(malformed);
  if (tag !== undefined && !tagPattern.test(tag)) return fault(malformed);
  if (digest !== undefined) {
    if (!digestPattern.test(digest)) return fault(malformed);
    const problem = digestProblem(digest);
    if (problem !== undefined) return fault(problem);
  }
  if (domain.length + 1 + path.length > nameMax) return fault(tooLong);
  return { ok: true, name: { domain, path, tag, digest } };
}

/** The name as it was written, with `:latest` where it says neither tag nor digest. */
export const withDefaultTag = (text: string, { tag, digest }: ImageName): string =>
  tag === undefined && digest === undefined ? `${text}:latest` : text;

/** What credentials are looked up by: registry and path. */
export const repositoryOf = ({ domain, path }: ImageName): string => `${domain}/${path}`;

export const fullName = (name: ImageName): string =>
  `${repositoryOf(name)}${name.tag === undefined ? "" : `:${name.tag}`}${name.digest === undefined ? "" : `@${name.digest}`}`;

const fault = (problem: string): ParsedImageName => ({ ok: false, problem });
const malformed = "invalid reference format";
const nameMax = 255;
const tooLong = `repository name must not be more than ${nameMax} characters`;
/** A name, a tag, a digest. */
const textMax = nameMax + 1 + 128 + 1 + 255;

/** The first part is a registry only where it looks like one: a dot, a port, `localhost`, or capitals, which no path has. */
function splitDomain(text: string): { readonly domain: string; readonly rest: string } {
  const slash = text.indexOf("/");
  const first = text.slice(0, Math.max(0, slash));
  const isDomain = /[.:]/.test(first) || first === "localhost" || first !== first.toLowerCase();
  const domain = isDomain ? first : defaultDomain;
  const rest = isDomain ? text.slice(slash + 1) : text;
  if (domain !== defaultDomain && domain !== "index.docker.io") return { domain, rest };
  const end = /[:@]/.exec(rest)?.index ?? rest.length;
  return { domain: defaultDomain, rest: rest.slice(0, end).includes("/") ? rest : `library/${rest}` };
}
export const defaultDomain = "docker.io";

const label = "[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?";
const domainPattern = new RegExp(`^(?:${label}(?:\\.${label})*|\\[[a-fA-F0-9:]+\\])(?::[0-9]+)?$`);
const componentPattern = /^[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*$/;
const tagPattern = /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$/;
const digestPattern = /^[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,}$/;
const digestDigits: ReadonlyMap<string, number> = new Map([
  ["sha256", 64],
  ["sha384", 96],
  ["sha512", 128],
]);

function digestProblem(digest: string): string | undefined {
  const colon = digest.indexOf(":");
  const digits = digestDigits.get(digest.slice(0, colon));
  const hex = digest.slice(colon + 1);
  if (digits === undefined) return "unsupported digest algorithm";
  if (hex.length !== digits) return "invalid checksum digest length";
  return /^[0-9a-f]+$/.test(hex) ? undefined : "invalid checksum digest format";
}
