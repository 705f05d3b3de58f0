import { type AnyObject, kindInWords } from "../api.js";
import type { Resource } from "../discovery/discovery.js";
import { text } from "../flags.js";
import type { Session } from "../session.js";
import { createObjectPrinter, parseOutput } from "./output.js";

export const outputFlag = {
  output: text("Form of the output: json, yaml, name, jsonpath=..., go-template=...", { short: "o" }),
};

/** Says what a command did to an object, or prints the object where `-o` asks for it. */
export type ReportResult = (resource: Resource, object: AnyObject, operation: string) => void;

export async function resultPrinter(
  session: Session,
  output: string | undefined,
  dryRun: DryRun,
): Promise<ReportResult> {
  const format = await parseOutput(output, session.io.cwd, false);
  const note = dryRun === "none" ? "" : dryRun === "client" ? " (dry run)" : " (server dry run)";
  if (format.type === "default" || format.type === "wide") {
    return (resource, object, operation) =>
      session.print(`${kindInWords(resource)}/${object.metadata.name ?? ""} ${operation}${note}`);
  }
  const printer = await createObjectPrinter(format);
  return (_, object) => session.io.stdout.write(printer(object));
}

export type DryRun = "none" | "client" | "server";
