import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { CliError } from "../../errors.js";
import { systemText } from "../../system-text.js";

export function read(cwd: string, name: string): Buffer {
  try {
    return readFileSync(resolve(cwd, name));
  } catch (error) {
    throw new CliError(`Cannot read file ${name}, open ${name}: ${systemText(error)}`);
  }
}
