import type { Discovery, Resource } from "../discovery/discovery.js";
import { CliError } from "../errors.js";

/** What the operands of a command name. */
export type Chosen =
  | { readonly type: "names"; readonly items: readonly NamedResource[] }
  | { readonly type: "kinds"; readonly resources: readonly Resource[]; readonly severalTypes: boolean };
export interface NamedResource {
  readonly resource: Resource;
  readonly name: string;
}

type Resolver = Pick<Discovery, "resolve" | "category">;

/** Reads `pods`, `pods a b`, `deploy,rs`, `all`, `pod/a svc/b`. */
export async function parseResourceArguments(args: readonly string[], discovery: Resolver): Promise<Chosen> {
  const slashed = args.filter((argument) => argument.includes("/"));
  if (slashed.length > 0) {
    if (slashed.length < args.length) throw mixed();
    return { type: "names", items: await Promise.all(args.map((argument) => slashedName(argument, discovery))) };
  }
  const [types = "", ...names] = args;
  if (names.includes("")) throw new CliError("resource name may not be empty");
  const words = args.length === 0 ? [] : types.split(",");
  if (words.includes("")) throw new CliError(`the server doesn't have a resource type ""`);
  const expanded = await Promise.all(words.map((word) => resolveWord(word, discovery)));
  const resources = [...new Set(expanded.flat())];
  if (names.length === 0) {
    return { type: "kinds", resources, severalTypes: words.length > 1 || resources.length > 1 };
  }
  return { type: "names", items: names.flatMap((name) => resources.map((resource) => ({ resource, name }))) };
}

async function resolveWord(word: string, discovery: Resolver): Promise<readonly Resource[]> {
  const members = word.includes(".") ? undefined : await discovery.category(word);
  return members ?? [await discovery.resolve(word)];
}

async function slashedName(argument: string, discovery: Resolver): Promise<NamedResource> {
  const [type = "", name = "", ...more] = argument.split("/");
  if (more.length > 0) throw new CliError("arguments in resource/name form may not have more than one slash");
  if (type === "" || name === "") {
    throw new CliError("arguments in resource/name form must have a single resource and name");
  }
  return { resource: await discovery.resolve(type), name };
}

const mixed = (): CliError =>
  new CliError(
    "there is no need to specify a resource type as a separate argument when passing arguments in resource/name form (e.g. 'navctl get resource/<resource_name>' instead of 'navctl get resource resource/<resource_name>'",
  );
