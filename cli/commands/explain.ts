import { defineCommand } from "../command.js";
import type { Resource } from "../discovery/discovery.js";
import { CliError } from "../errors.js";
import { bool, text } from "../flags.js";
import type { Session } from "../session.js";
import { type Documents, explainField } from "./explain/plain.js";

/** What a kind and its fields mean, by the server's own description. */
export const explain = defineCommand({
  name: "explain",
  usage: "TYPE [--recursive=FALSE|TRUE] [--api-version=api-version-group]",
  summary: "Show what a kind and its fields mean.",
  examples: ["navctl explain pods", "navctl explain pods.spec.containers", "navctl explain deployment --recursive"],
  flags: {
    recursive: bool("Show the names of all fields below."),
    "api-version": text("Version to explain, group/version."),
    output: text("plaintext (the default) or plaintext-openapiv2.", { short: "o" }),
  },
  async run({ session, args, flags }) {
    const [written] = args;
    if (written === undefined || written === "")
      throw new CliError(
        'You must specify the type of resource to explain. Use "navctl api-resources" for a complete list of supported resources.',
      );
    if (args.length > 1) throw new CliError("We accept only this format: explain RESOURCE");
    if (flags.output !== undefined && flags.output !== "plaintext" && flags.output !== "plaintext-openapiv2")
      throw new CliError(`unrecognized format: ${flags.output}`);
    const { resource, fields } = await resourceOf(session, written, flags["api-version"]);
    const documents = await documentsOf(session, resource);
    session.io.stdout.write(
      explainField(documents, resource, fields, {
        recursive: flags.recursive,
        old: flags.output === "plaintext-openapiv2",
      }),
    );
    return 0;
  },
});

/** `deployments.spec` is a field, `deployments.apps` a group, `deployments.apps.spec` both. */
async function resourceOf(
  session: Session,
  written: string,
  apiVersion: string | undefined,
): Promise<{ readonly resource: Resource; readonly fields: readonly string[] }> {
  const discovery = await session.discovery();
  const [type = "", ...rest] = written.split(".");
  const resources = await discovery.resources();
  // As much of it as names a group belongs to the kind.
  for (let taken = rest.length; taken > 0; taken--) {
    const group = rest.slice(0, taken).join(".");
    const named = resources.some((one) => one.group === group || `${one.version}.${one.group}` === group);
    if (!named) continue;
    return { resource: await discovery.resolve(`${type}.${group}`), fields: rest.slice(taken) };
  }
  const found = await discovery.resolve(type);
  if (apiVersion === undefined) return { resource: found, fields: rest };
  const slash = apiVersion.indexOf("/");
  const group = slash < 0 ? "" : apiVersion.slice(0, slash);
  const version = apiVersion.slice(slash + 1);
  const resource = resources.find(
    (one) => one.plural === found.plural && one.group === group && one.version === version,
  );
  if (!resource) throw new CliError(`couldn't find resource for "${apiVersion}, Resource=${found.plural}"`);
  return { resource, fields: rest };
}

interface Index {
  readonly paths?: Readonly<Record<string, { readonly serverRelativeURL: string }>>;
}

async function documentsOf(session: Session, { group, version }: Resource): Promise<Documents> {
  const api = await session.api();
  const index = await api.json<Index>({ path: "/openapi/v3" });
  const key = group === "" ? `api/${version}` : `apis/${group}/${version}`;
  const url = index.paths?.[key]?.serverRelativeURL;
  if (url === undefined) throw new CliError(`couldn't find the description of ${key} at the server`);
  const [path = "", search = ""] = url.split("?");
  return api.json<Documents>({ path, query: Object.fromEntries(new URLSearchParams(search)) });
}
