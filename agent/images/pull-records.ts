import { createHmac, randomBytes } from "node:crypto";
import { readFileSync, renameSync, writeFileSync } from "node:fs";
import { messageOf } from "../../base/error-text.js";
import type { Logger } from "../../base/log.js";
import type { Credential } from "./keyring.js";

/** Who has shown that they may have an image of one repository. */
interface Access {
  /** It came without a password: anybody may. */
  readonly open: boolean;
  /** Fingerprints of the passwords that opened it. */
  readonly secrets: readonly string[];
}

interface Stored {
  readonly salt: string;
  /** By image id, then by repository. */
  readonly images: Readonly<Record<string, Readonly<Record<string, Access>>>>;
}

/**
 * What was pulled with a password is not for every pod of the node: who comes later has to show one that the registry
 * took, too. What the agent has not pulled itself is everybody's. Outlives the agent as a file of fingerprints (0600).
 */
export class PullRecords {
  readonly #file: string | undefined;
  readonly #salt: string;
  readonly #images = new Map<string, Map<string, Access>>();

  /** Without a file it forgets with the agent. */
  constructor(file: string | undefined, log: Logger) {
    this.#file = file;
    const stored = file === undefined ? undefined : read(file, log);
    this.#salt = stored?.salt ?? randomBytes(16).toString("hex");
    for (const [id, repositories] of Object.entries(stored?.images ?? {}))
      this.#images.set(id, new Map(Object.entries(repositories)));
  }

  isOpen(imageId: string, repository: string): boolean {
    const repositories = this.#images.get(imageId);
    return !repositories || repositories.get(repository)?.open === true;
  }

  /** Whether one of these has opened it before. */
  opens(imageId: string, repository: string, credentials: readonly Credential[]): boolean {
    if (this.isOpen(imageId, repository)) return true;
    const known = new Set(this.#images.get(imageId)?.get(repository)?.secrets ?? []);
    return credentials.some((credential) => known.has(this.#print(credential)));
  }

  pulled(imageId: string, repository: string, credential: Credential | undefined): void {
    const repositories = this.#images.get(imageId) ?? new Map<string, Access>();
    const before = repositories.get(repository) ?? { open: false, secrets: [] };
    const print = credential && this.#print(credential);
    if (before.open || (print !== undefined && before.secrets.includes(print))) return;
    const now = print === undefined ? [] : [...before.secrets, print].slice(-secretsMax);
    repositories.set(repository, { open: print === undefined, secrets: now });
    this.#images.set(imageId, repositories);
    this.#write();
  }

  /** Images that are gone are forgotten. */
  keepOnly(imageIds: ReadonlySet<string>): void {
    const gone = [...this.#images.keys()].filter((id) => !imageIds.has(id));
    for (const id of gone) this.#images.delete(id);
    if (gone.length > 0) this.#write();
  }

  #print({ auth }: Credential): string {
    return createHmac("sha256", this.#salt)
      .update(JSON.stringify([auth.username, auth.password]))
      .digest("base64url");
  }

  #write(): void {
    if (this.#file === undefined) return;
    const images = Object.fromEntries(
      [...this.#images].map(([id, repositories]) => [id, Object.fromEntries(repositories)]),
    );
    writeFileSync(`${this.#file}.new`, JSON.stringify({ salt: this.#salt, images }), { mode: 0o600 });
    renameSync(`${this.#file}.new`, this.#file);
  }
}

const secretsMax = 100;

function read(file: string, log: Logger): Stored | undefined {
  try {
    return decode(JSON.parse(readFileSync(file, "utf8")));
  } catch (error) {
    if (!(typeof error === "object" && error !== null && "code" in error && error.code === "ENOENT"))
      log.warn("records of pulled images not read: images on this node are everybody's until pulled again", {
        file,
        error: messageOf(error),
      });
    return undefined;
  }
}

function decode(value: unknown): Stored {
  if (!isRecord(value) || typeof value.salt !== "string" || !isRecord(value.images)) throw new Error("not such a file");
  const images = Object.entries(value.images).map(([id, repositories]) => {
    if (!isRecord(repositories)) throw new Error(`${id}: not a list of repositories`);
    return [id, Object.fromEntries(Object.entries(repositories).map(([name, access]) => [name, decodeAccess(access)]))];
  });
  return { salt: value.salt, images: Object.fromEntries(images) };
}

function decodeAccess(value: unknown): Access {
  const { open, secrets } = isRecord(value) ? value : {};
  return {
    open: open === true,
    secrets: Array.isArray(secrets) ? secrets.filter((secret) => typeof secret === "string") : [],
  };
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
