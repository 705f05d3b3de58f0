import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { sameJson } from "../../apimachinery/patch/json.js";
import type { AnyObject, patchTypes } from "../api.js";
import { type Call, defineCommand } from "../command.js";
import type { Resource } from "../discovery/discovery.js";
import { dryRunFlag, dryRunOf, writeQuery } from "../dry-run.js";
import { CliError } from "../errors.js";
import { text } from "../flags.js";
import { outputFlag, resultPrinter } from "../printers/result.js";
import { fileFlags, select, settleSelected } from "../resources/select.js";
import { systemText } from "../system-text.js";

const flags = {
  ...fileFlags,
  ...dryRunFlag,
  ...outputFlag,
  patch: text("The patch, as JSON or YAML.", { short: "p" }),
  "patch-file": text("File with the patch."),
  type: text("json, merge or strategic (the default)."),
  subresource: text("Patch a subresource: status, scale or resize."),
  "field-manager": text("Name under which the server records the change."),
};

export const patch = defineCommand({
  name: "patch",
  usage: "(-f FILE | TYPE NAME) (-p PATCH | --patch-file FILE)",
  summary: "Change fields of an object by a patch.",
  examples: [`navctl patch deploy web -p '{"spec":{"replicas":2}}'`],
  flags,
  run,
});

async function run({ session, args, flags: given }: Call<typeof flags>): Promise<number | undefined> {
  if ((given.patch === undefined) === (given["patch-file"] === undefined)) {
    throw new CliError(
      given.patch === undefined
        ? "must specify --patch or --patch-file containing the contents of the patch"
        : "cannot specify --patch and --patch-file together",
    );
  }
  const type = typeOf(given.type);
  const dryRun = dryRunOf(session, given["dry-run"]);
  const body = await patchBody(given.patch ?? (await readPatchFile(session.io.cwd, given["patch-file"] ?? "")));
  const report = await resultPrinter(session, given.output, dryRun);
  const selected = await select(session, { args, flags: given, fetch: true });
  const api = await session.api();
  await settleSelected(selected, async ({ resource, namespace, name, live }) => {
    const query = writeQuery(dryRun, given["field-manager"] ?? "kubectl-patch");
    const object: AnyObject =
      dryRun === "client" && live
        ? live
        : await api.patch(resource, name, namespace, {
            type,
            body,
            query,
            ...(given.subresource === undefined ? {} : { subresource: given.subresource }),
          });
    // A scale that was patched is told of as such.
    const shown = object.kind === resource.kind ? resource : { ...resource, ...kindOf(object) };
    report(shown, object, dryRun !== "client" && sameJson(object, live) ? "patched (no change)" : "patched");
  });
  return 0;
}

const kindOf = ({ apiVersion, kind }: AnyObject): Pick<Resource, "group" | "kind" | "plural" | "singular"> => ({
  group: apiVersion.includes("/") ? apiVersion.slice(0, apiVersion.indexOf("/")) : "",
  kind,
  plural: `${kind.toLowerCase()}s`,
  singular: kind.toLowerCase(),
});

async function readPatchFile(cwd: string, name: string): Promise<string> {
  try {
    return await readFile(resolve(cwd, name), "utf8");
  } catch (error) {
    throw new CliError(`unable to read patch file: open ${name}: ${systemText(error)}`);
  }
}

function typeOf(written = "strategic"): keyof typeof patchTypes {
  const type = written.toLowerCase();
  if (type === "json" || type === "merge" || type === "strategic") return type;
  throw new CliError(`--type must be one of [json merge strategic], not ${JSON.stringify(written)}`);
}

async function patchBody(written: string): Promise<unknown> {
  const { parseYaml } = await import("../../apimachinery/codec/yaml.js");
  try {
    const [body] = parseYaml(written);
    return body;
  } catch (error) {
    throw new CliError(`unable to parse ${JSON.stringify(written)}: ${error instanceof Error ? error.message : error}`);
  }
}
