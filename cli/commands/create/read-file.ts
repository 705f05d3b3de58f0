import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { CliError } from "../../errors.js";

export function read(cwd: string, name: string): Buffer {
  try {
    return readFileSync(resolve(cwd, name));
  } catch (error) {
    throw new CliError(`error reading ${name}: ${error instanceof Error ? error.message : error}`);
  }
}
