import { spawn } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createThreeWayPatch } from "../../apimachinery/patch/strategic.js";
import type { AnyObject, Api } from "../api.js";
import { type Call, defineCommand } from "../command.js";
import { CliError, ExitError, isStatus } from "../errors.js";
import { bool, int, text } from "../flags.js";
import { lastAppliedAnnotation, lastAppliedOf } from "../last-applied.js";
import { createObjectPrinter } from "../printers/output.js";
import { fileFlags, type Info, manifestInfos, refuseKustomize, throwAll } from "../resources/select.js";
import { schemaOf } from "../schemas.js";

const flags = {
  ...fileFlags,
  selector: text("Only objects of the files with these labels.", { short: "l" }),
  "server-side": bool("As apply --server-side would."),
  "force-conflicts": bool("With --server-side: take over fields that others manage."),
  "field-manager": text("Name to apply under."),
  "show-managed-fields": bool("Compare managedFields too."),
  concurrency: int("Accepted; objects are compared in order."),
  prune: bool("Show what apply --prune would delete (not supported)."),
};

/** Compares what is in the cluster with what it would be after an apply: 0 no difference, 1 some, above 1 a failure. */
export const diff = defineCommand({
  name: "diff",
  usage: "-f FILE",
  summary: "Show what an apply would change. $KUBECTL_EXTERNAL_DIFF names another program than diff.",
  examples: ["navctl diff -f app.yaml", "KUBECTL_EXTERNAL_DIFF='git diff --no-index' navctl diff -f app.yaml"],
  flags,
  async run(call) {
    try {
      return await run(call);
    } catch (error) {
      // 1 means that there are differences.
      if (!(error instanceof ExitError)) call.session.note(await failureText(error, call.session.server));
      throw error instanceof ExitError ? error : new ExitError(failedExitCode);
    }
  },
});

const failedExitCode = 2;

const failureText = async (error: unknown, server: string): Promise<string> => {
  const { describeFailure } = await import("../errors.js");
  return describeFailure(error, server) ?? "";
};

async function run({ session, args, flags: given, usageError }: Call<typeof flags>): Promise<number> {
  refuseKustomize(given.kustomize);
  if (given.prune) throw new CliError("--prune is not supported by navctl diff");
  if (args.length > 0) throw usageError(`Unexpected args: [${args.join(" ")}]`);
  if (given.filename.length === 0) throw new CliError("must specify -f: the files to compare with");
  if (given["force-conflicts"] && !given["server-side"])
    throw new CliError("--force-conflicts only works with --server-side");
  const { infos, failures } = await manifestInfos(session, given.filename, given.recursive, given.selector);
  throwAll(failures);
  const api = await session.api();
  const folder = await mkdtemp(join(tmpdir(), "navctl-diff-"));
  try {
    const live = await mkdtemp(join(folder, "LIVE-"));
    const merged = await mkdtemp(join(folder, "MERGED-"));
    const printer = await createObjectPrinter({ type: "yaml" }, { showManagedFields: given["show-managed-fields"] });
    for (const info of infos) {
      const before = info.name === "" ? undefined : await api.find(info.resource, info.name, info.namespace);
      const after = await afterApply(api, info, before, given);
      const file = fileNameOf(info);
      const [shownBefore, shownAfter] = masked(info, before, after);
      if (shownBefore) await writeFile(join(live, file), document(printer(shownBefore)), { mode: 0o600 });
      await writeFile(join(merged, file), document(printer(shownAfter)), { mode: 0o600 });
    }
    const code = await compare(session.io, session.io.env.KUBECTL_EXTERNAL_DIFF, live, merged);
    if (code === 0) return 0;
    if (code === 1) throw new ExitError(1);
    throw new CliError(`the program that compares ended with exit code ${code}`);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** A printer puts `---` before every document but the first. */
const document = (written: string): string => written.replace(/^---\n/, "");

const fileNameOf = ({ resource, namespace = "", name, wanted }: Info): string =>
  [resource.group, resource.version, resource.kind, namespace, name || (wanted?.metadata.generateName ?? "")]
    .filter((part, index) => index !== 0 || part !== "")
    .join(".")
    .replaceAll(/[^\w.-]/g, "_");

const conflictRetries = 3;

/** What the server would make of it; nothing is stored. */
async function afterApply(
  api: Api,
  info: Info,
  first: AnyObject | undefined,
  given: Call<typeof flags>["flags"],
): Promise<AnyObject> {
  const { resource, namespace, name, wanted } = info;
  if (!wanted) throw new CliError("there is nothing to compare");
  if (given["server-side"])
    return api.patch(resource, name, namespace, {
      type: "apply",
      body: wanted,
      query: {
        dryRun: "All",
        fieldManager: given["field-manager"] ?? "kubectl",
        force: given["force-conflicts"] ? "true" : undefined,
      },
    });
  const query = { dryRun: "All", fieldManager: given["field-manager"] ?? "kubectl-client-side-apply" };
  // Without a record of itself, which would differ wherever anything does.
  const { [lastAppliedAnnotation]: _, ...annotations } = wanted.metadata.annotations ?? {};
  const modified = { ...wanted, metadata: { ...wanted.metadata, annotations } };
  if (!first) return api.create(resource, modified, namespace, query);
  const schema = await schemaOf(resource);
  let before = first;
  for (let attempt = 0; ; attempt++) {
    const body = createThreeWayPatch(schema, lastAppliedOf(before) ?? {}, modified, before);
    if (body === undefined || Object.keys(body as object).length === 0) return before;
    try {
      return await api.patch(resource, name, namespace, { type: schema ? "strategic" : "merge", body, query });
    } catch (error) {
      if (!isStatus(error, "Conflict") || attempt >= conflictRetries) throw error;
      before = await api.get(resource, name, namespace);
    }
  }
}

interface Data {
  readonly data?: Readonly<Record<string, unknown>>;
}

/** The values of a Secret are never shown; that they differ is. */
function masked(
  { resource }: Info,
  before: AnyObject | undefined,
  after: AnyObject,
): readonly [AnyObject | undefined, AnyObject] {
  if (resource.kind !== "Secret" || resource.group !== "") return [before, after];
  const old = (before as Data | undefined)?.data ?? {};
  const now = (after as Data).data ?? {};
  const hide = (data: Readonly<Record<string, unknown>>, other: Readonly<Record<string, unknown>>, mark: string) =>
    Object.fromEntries(
      Object.entries(data).map(([key, value]) => [
        key,
        Object.hasOwn(other, key) && other[key] !== value ? `*** (${mark})` : "***",
      ]),
    );
  const withData = (object: AnyObject, data: object): AnyObject =>
    Object.keys(data).length > 0 ? { ...object, data } : object;
  return [
    before && withData(before, hide(old, now, "before")),
    withData(after, before ? hide(now, old, "after") : hide(now, {}, "after")),
  ];
}

interface Output {
  readonly stdout: { write(chunk: Uint8Array): unknown };
  readonly stderr: { write(chunk: Uint8Array): unknown };
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** Only letters, digits and what options are made of reach the program: no shell is in between. */
function compare(io: Output, written: string | undefined, live: string, merged: string): Promise<number> {
  const words = (written ?? "").split(" ").filter((word) => /^[\w./@=+:-]+$/.test(word));
  const [program = "diff", ...options] = words.length > 0 ? words : ["diff", "-u", "-N"];
  return new Promise((resolve, reject) => {
    const child = spawn(program, [...options, live, merged], { stdio: ["ignore", "pipe", "pipe"], env: io.env });
    child.stdout.on("data", (chunk: Uint8Array) => io.stdout.write(chunk));
    child.stderr.on("data", (chunk: Uint8Array) => io.stderr.write(chunk));
    child.on("error", (error: NodeJS.ErrnoException) => {
      reject(
        new CliError(
          error.code === "ENOENT"
            ? `failed to run ${JSON.stringify(program)}: executable file not found in $PATH`
            : error.message,
        ),
      );
    });
    child.on("close", (code) => resolve(code ?? failedExitCode));
  });
}
