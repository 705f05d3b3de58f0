import { accessSync, constants, existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import type { EnvVar, Image } from "../runtime.js";
import { myAppSource } from "./my-app.js";

/** What an image stands for where containers are processes of the host. */
export interface ImageEntry {
  readonly name: string;
  readonly command: readonly string[];
  readonly args: readonly string[];
  readonly env: readonly EnvVar[];
  readonly workingDir: string | undefined;
}

/**
 * The node's image list, DIR/images.yaml: made at the first start, read again whenever it was changed. Programs that
 * belong to it lie in DIR/images, the only part of DIR that containers see.
 */
export class ImageList {
  /** The folder of programs. */
  readonly programs: string;
  readonly #file: string;
  #readAtMs = -1;
  /** Who asks while the list is being read waits for it. */
  #reading: Promise<void> | undefined;
  #entries: readonly ImageEntry[] = [];
  #problem: string | undefined;

  constructor(dir: string) {
    this.programs = join(dir, "images");
    this.#file = join(dir, "images.yaml");
    mkdirSync(this.programs, { recursive: true, mode: 0o755 });
    writeFileSync(join(this.programs, "my-app.mjs"), myAppSource, { mode: 0o644 });
    if (!existsSync(this.#file)) writeFileSync(this.#file, defaultImages());
  }

  get file(): string {
    return this.#file;
  }

  async find(image: string): Promise<ImageEntry | undefined> {
    const entries = await this.entries();
    const wanted = normalize(image);
    return (
      entries.find(({ name }) => hasTag(name) && normalize(name) === wanted) ??
      entries.find(({ name }) => !hasTag(name) && normalize(name) === `${withoutTag(wanted)}:latest`)
    );
  }

  /** Why the list could not be read, for who misses an image. */
  get problem(): string | undefined {
    return this.#problem;
  }

  async entries(): Promise<readonly ImageEntry[]> {
    const changedAtMs = statSync(this.#file, { throwIfNoEntry: false })?.mtimeMs ?? 0;
    if (changedAtMs !== this.#readAtMs) {
      this.#readAtMs = changedAtMs;
      this.#reading = this.#read();
    }
    await this.#reading;
    return this.#entries;
  }

  async #read(): Promise<void> {
    try {
      const { load } = await import("js-yaml");
      this.#entries = decodeImages(load(readFileSync(this.#file, "utf8")), (text) => this.#expand(text));
      this.#problem = undefined;
    } catch (error) {
      this.#problem = `${this.#file}: ${error instanceof Error ? error.message.split("\n")[0] : String(error)}`;
    }
  }

  #expand(text: string): string {
    return text.replaceAll("$(NODE)", process.execPath).replaceAll("$(DIR)", this.programs);
  }

  /** What a person adds to the list to make the image known. */
  remedy(image: string): string {
    return (
      `image ${JSON.stringify(image)} is not in the node's image list and the container gives no command; add to ${this.#file}: ` +
      `"- name: ${image}" and "  command: [PROGRAM, ARGUMENT, ...]", or set the container's command`
    );
  }
}

export const imageOf = (entry: ImageEntry): Image => ({
  id: imageId(entry.name),
  names: [hasTag(entry.name) ? entry.name : `${entry.name}:latest`],
  sizeBytes: 0,
  // A line of images.yaml: people wrote it, people remove it.
  pinned: true,
});
export const imageId = (name: string): string => `process://${normalize(name)}`;

/** `docker.io/library/busybox` and `busybox:latest` are the same image; a digest counts like a tag. */
export function normalize(image: string): string {
  const short = image.replace(/^(index\.)?docker\.io\//, "").replace(/^library\//, "");
  return hasTag(short) ? short : `${short}:latest`;
}
const hasTag = (image: string): boolean => image.includes("@") || image.slice(image.lastIndexOf("/") + 1).includes(":");
const withoutTag = (image: string): string => {
  const name = image.split("@")[0] ?? image;
  const slash = name.lastIndexOf("/") + 1;
  return name.slice(0, slash) + (name.slice(slash).split(":")[0] ?? "");
};

/** Throws with the place of what is wrong. */
export function decodeImages(value: unknown, expand: (text: string) => string): readonly ImageEntry[] {
  const list = isRecord(value) ? value.images : undefined;
  if (!Array.isArray(list)) throw new Error("images: expected a list");
  return list.map((item: unknown, index) => {
    const at = `images[${index}]`;
    if (!isRecord(item)) throw new Error(`${at}: expected a mapping`);
    const unknown = Object.keys(item).find((key) => !["name", "command", "args", "env", "workingDir"].includes(key));
    if (unknown) throw new Error(`${at}.${unknown}: unknown field`);
    const { name, workingDir } = item;
    if (typeof name !== "string" || name === "") throw new Error(`${at}.name: expected text`);
    if (workingDir !== undefined && typeof workingDir !== "string") throw new Error(`${at}.workingDir: expected text`);
    return {
      name,
      command: textList(item.command, `${at}.command`).map(expand),
      args: textList(item.args, `${at}.args`).map(expand),
      env: envList(item.env, `${at}.env`),
      workingDir: workingDir === undefined ? undefined : expand(workingDir),
    };
  });
}

function textList(value: unknown, at: string): readonly string[] {
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value)) throw new Error(`${at}: expected a list of texts`);
  return value.map((item: unknown) => {
    if (typeof item !== "string" && typeof item !== "number") throw new Error(`${at}: expected a list of texts`);
    return String(item);
  });
}

function envList(value: unknown, at: string): readonly EnvVar[] {
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value)) throw new Error(`${at}: expected a list of name and value`);
  return value.map((item: unknown) => {
    if (!isRecord(item) || typeof item.name !== "string") throw new Error(`${at}: expected a list of name and value`);
    return { name: item.name, value: String(item.value ?? "") };
  });
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** The program's absolute path as a shell would find it, or undefined. */
export function findProgram(program: string, path: string): string | undefined {
  if (program.includes("/")) return isExecutable(program) ? program : undefined;
  for (const dir of path.split(delimiter)) {
    const candidate = join(dir === "" ? "." : dir, program);
    if (isExecutable(candidate)) return candidate;
  }
  return undefined;
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

function defaultImages(): string {
  const has = (program: string): boolean => findProgram(program, process.env.PATH ?? "") !== undefined;
  const shell = has("busybox") ? "args: [busybox, sh]" : "args: [sh]";
  const python = has("python3") ? "- name: python\n  args: [python3]\n" : "";
  return `# What images stand for on this node: programs of the host. Read again whenever it changes.
# name: without a tag it stands for every tag; command and args: as an image's ENTRYPOINT and CMD;
# env: list of name and value; workingDir. $(NODE) is this Node.js, $(DIR) the folder "images"
# beside this file: programs of your own go there, the rest of this directory is hidden from pods.
images:
- name: my-app:latest
  command: [$(NODE), $(DIR)/my-app.mjs]
- name: my-app:v1
  command: [$(NODE), $(DIR)/my-app.mjs]
- name: my-app:v2
  command: [$(NODE), $(DIR)/my-app.mjs]
- name: busybox
  ${shell}
- name: alpine
  args: [sh]
- name: node
  args: [$(NODE)]
${python}`;
}
