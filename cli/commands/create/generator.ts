import type { ResourceRef } from "../../../apimachinery/resource.js";
import { apiVersionOf } from "../../../apimachinery/resource.js";
import { StatusError } from "../../../apimachinery/status.js";
import type { AnyObject } from "../../api.js";
import { type Call, type Command, defineCommand } from "../../command.js";
import type { Resource } from "../../discovery/discovery.js";
import { dryRunFlag, dryRunOf, writeQuery } from "../../dry-run.js";
import { CliError } from "../../errors.js";
import { bool, type Flags, text } from "../../flags.js";
import { withLastApplied } from "../../last-applied.js";
import { outputFlag, resultPrinter } from "../../printers/result.js";
import { validationFlag, validationOf } from "../../validation-flag.js";

const commonFlags = {
  ...dryRunFlag,
  ...outputFlag,
  ...validationFlag,
  "save-config": bool("Record the object for a later apply."),
  "field-manager": text("Name under which the server records the object."),
};

/** A sub-command of `create` that makes one object from its flags. */
export interface Generator<F extends Flags> {
  readonly name: string;
  readonly aliases?: readonly string[];
  readonly usage: string;
  readonly summary: string;
  readonly examples?: readonly string[];
  readonly flags: F;
  readonly target: ResourceRef;
  /** Flags without which nothing is made, told before a missing name. */
  readonly required?: readonly (keyof F & string)[];
  /** What a refused creation is called, `deployment:`; absent where kubectl shows the server's words alone. */
  readonly failing?: string;
  /** The object without apiVersion and kind; may ask the server what a kind is called. */
  readonly make: (name: string, call: Call<F>) => Draft | Promise<Draft>;
}
export type Draft = Readonly<Record<string, unknown>>;

export function defineGenerator<F extends Flags>(generator: Generator<F>): Command {
  const { name, aliases, usage, summary, examples } = generator;
  const flags = { ...commonFlags, ...generator.flags };
  return defineCommand({
    name,
    ...(aliases ? { aliases } : {}),
    usage,
    summary,
    ...(examples ? { examples } : {}),
    flags: flags as Flags,
    run: (call) => run(generator, call as unknown as Call<F & typeof commonFlags>),
  });
}

async function run<F extends Flags>(generator: Generator<F>, call: Call<F & typeof commonFlags>): Promise<number> {
  const { session, dashAt, args } = call;
  const given = call.flags as Call<typeof commonFlags>["flags"];
  const operands = dashAt === undefined ? args : args.slice(0, dashAt);
  const [name] = operands;
  const missing = (generator.required ?? []).filter((flag) => !call.given.has(flag));
  if (missing.length > 0)
    throw new CliError(`required flag(s) ${missing.map((flag) => JSON.stringify(flag)).join(", ")} not set`);
  if (name === undefined || operands.length > 1) {
    throw call.usageError(`exactly one NAME is required, got ${operands.length}`);
  }
  const { target } = generator;
  const dryRun = dryRunOf(session, given["dry-run"]);
  const report = await resultPrinter(session, given.output, dryRun);
  const draft = await generator.make(name, call as unknown as Call<F>);
  const namespaced = target.scope === "Namespaced" ? await namespaceOf(call) : {};
  const object: AnyObject = {
    apiVersion: apiVersionOf(target),
    kind: target.kind,
    ...draft,
    metadata: { name, ...namespaced, ...(draft.metadata as object | undefined) },
  };
  const body = given["save-config"] ? withLastApplied(object) : object;
  const query = writeQuery(dryRun, given["field-manager"] ?? "kubectl-create", validationOf(given.validate));
  const made =
    dryRun === "client"
      ? body
      : await create(call, generator as Pick<Generator<Flags>, "target" | "failing">, body, query);
  report(target as Resource, made, "created");
  return 0;
}

async function create(
  { session }: Pick<Call, "session">,
  { target, failing: what }: Pick<Generator<Flags>, "target" | "failing">,
  body: AnyObject,
  query: Readonly<Record<string, string | undefined>>,
): Promise<AnyObject> {
  try {
    return await (await session.api()).create(target, body, body.metadata.namespace, query);
  } catch (error) {
    throw error instanceof StatusError && what !== undefined
      ? new CliError(`failed to create ${what} ${error.message}`)
      : error;
  }
}

/** With a client-side dry run the namespace is written only where one was named. */
async function namespaceOf({ session, flags }: Pick<Call, "session" | "flags">): Promise<{ namespace?: string }> {
  if (flags["dry-run"] === "client" && !session.namespaceEnforced) return {};
  return { namespace: await session.namespace() };
}
