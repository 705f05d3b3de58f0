import { readFile, realpath } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { Descriptions } from "../apiserver/openapi/definitions.js";

/** What the build collected from the sources' comments; it lies beside the program. */
export async function readDescriptions(): Promise<Descriptions> {
  const program = await realpath(process.argv[1] ?? "");
  return JSON.parse(await readFile(join(dirname(program), "..", "dist", "docs.json"), "utf8")) as Descriptions;
}
