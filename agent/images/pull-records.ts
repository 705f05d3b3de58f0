import { createHmac, randomBytes } from "node:crypto";
import { readFileSync, renameSync, writeFileSync } from "node:fs";
import { messageOf } from "../../base/error-text.js";
import type { Logger } from "../../base/log.js";
import type { Image } from "../runtime/runtime.js";
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
  /** Images whose pull has begun, by repository and name: the id that the name had before, "" for none. */
  readonly pulling: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

/**
 * What was pulled with a password is not for every pod of the node: who comes later has to show one that the registry
 * took, too. What the agent has not pulled itself is everybody's. That a pull begins is written down before it does: an
 * image may be there before the runtime says so, or after the agent was killed. Outlives the agent as a file of
 * fingerprints (0600).
 */
export class PullRecords {
  readonly #file: string | undefined;
  readonly #salt: string;
  readonly #images = new Map<string, Map<string, Access>>();
  readonly #pulling = new Map<string, Map<string, string>>();
  /** How many pulls of a name are under way; those that another agent began are not. */
  readonly #underWay = new Map<string, number>();
  /** When an image was last pulled, as counted by `moment`. */
  readonly #pulledAt = new Map<string, number>();
  #moment = 0;

  /** Without a file it forgets with the agent. */
  constructor(file: string | undefined, log: Logger) {
    this.#file = file;
    const stored = file === undefined ? undefined : read(file, log);
    this.#salt = stored?.salt ?? randomBytes(16).toString("hex");
    for (const [id, repositories] of Object.entries(stored?.images ?? {}))
      this.#images.set(id, new Map(Object.entries(repositories)));
    for (const [repository, names] of Object.entries(stored?.pulling ?? {}))
      this.#pulling.set(repository, new Map(Object.entries(names)));
  }

  /** Grows with each pull. */
  get moment(): number {
    return this.#moment;
  }

  /** Whether anybody may have the image, asked for by this name. */
  isOpen(imageId: string, repository: string, name: string): boolean {
    const repositories = this.#images.get(imageId);
    if (repositories) return repositories.get(repository)?.open === true;
    for (const [pulled, before] of this.#pulling.get(repository) ?? [])
      if (before !== imageId && (pulled === name || name.includes("@"))) return false;
    return true;
  }

  /** Whether one of these has opened it before. */
  opens(imageId: string, repository: string, name: string, credentials: readonly Credential[]): boolean {
    if (this.isOpen(imageId, repository, name)) return true;
    const known = new Set(this.#images.get(imageId)?.get(repository)?.secrets ?? []);
    return credentials.some((credential) => known.has(this.#print(credential)));
  }

  /** To be told before a pull: whatever the name stands for from now on, but what it stood for, is nobody's yet. */
  begins(repository: string, name: string, before: string | undefined): void {
    this.#underWay.set(name, (this.#underWay.get(name) ?? 0) + 1);
    const names = this.#pulling.get(repository) ?? new Map<string, string>();
    if (names.has(name)) return;
    this.#pulling.set(repository, names.set(name, before ?? ""));
    this.#write();
  }

  /** A pull after which the runtime has nothing that it did not have before. */
  failed(repository: string, name: string): void {
    this.#ended(name);
    if (!this.#underWay.has(name) && this.#forgetPull(repository, name)) this.#write();
  }

  /** A pull of which nobody knows what came of it. */
  lost(name: string): void {
    this.#ended(name);
  }

  /** With the name where the pull was told to begin. */
  pulled(imageId: string, repository: string, credential: Credential | undefined, name = ""): void {
    this.#pulledAt.set(imageId, ++this.#moment);
    this.#ended(name);
    const isKnown = this.#note(imageId, repository, credential);
    const isOver = !this.#underWay.has(name) && this.#forgetPull(repository, name);
    if (isOver || !isKnown) this.#write();
  }

  /** Images that were gone at a moment are forgotten. */
  keepOnly(images: readonly Image[], moment: number): void {
    const ids = new Set(images.map(({ id }) => id));
    const names = new Set(images.flatMap((image) => image.names));
    const gone = [...this.#images.keys()].filter((id) => !ids.has(id) && (this.#pulledAt.get(id) ?? 0) <= moment);
    for (const id of gone) {
      this.#images.delete(id);
      this.#pulledAt.delete(id);
    }
    let changed = gone.length > 0;
    for (const [repository, pulling] of [...this.#pulling])
      for (const name of [...pulling.keys()])
        if (!names.has(name) && !this.#underWay.has(name)) changed = this.#forgetPull(repository, name) || changed;
    if (changed) this.#write();
  }

  /** True when it says nothing new. */
  #note(imageId: string, repository: string, credential: Credential | undefined): boolean {
    const repositories = this.#images.get(imageId) ?? new Map<string, Access>();
    const before = repositories.get(repository) ?? { open: false, secrets: [] };
    const print = credential && this.#print(credential);
    if (before.open || (print !== undefined && before.secrets.includes(print))) return true;
    const now = print === undefined ? [] : [...before.secrets, print].slice(-secretsMax);
    this.#images.set(imageId, repositories.set(repository, { open: print === undefined, secrets: now }));
    return false;
  }

  #ended(name: string): void {
    const left = (this.#underWay.get(name) ?? 0) - 1;
    if (left > 0) this.#underWay.set(name, left);
    else this.#underWay.delete(name);
  }

  #forgetPull(repository: string, name: string): boolean {
    const names = this.#pulling.get(repository);
    if (!names?.delete(name)) return false;
    if (names.size === 0) this.#pulling.delete(repository);
    return true;
  }

  #print({ auth }: Credential): string {
    return createHmac("sha256", this.#salt)
      .update(JSON.stringify([auth.username, auth.password]))
      .digest("base64url");
  }

  #write(): void {
    if (this.#file === undefined) return;
    const stored = { salt: this.#salt, images: plain(this.#images), pulling: plain(this.#pulling) };
    writeFileSync(`${this.#file}.new`, JSON.stringify(stored), { mode: 0o600, flush: true });
    renameSync(`${this.#file}.new`, this.#file);
  }
}

const secretsMax = 100;

const plain = <T>(maps: ReadonlyMap<string, ReadonlyMap<string, T>>): Readonly<Record<string, Record<string, T>>> =>
  Object.fromEntries([...maps].map(([key, map]) => [key, Object.fromEntries(map)]));

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
  const pulling = Object.entries(isRecord(value.pulling) ? value.pulling : {}).map(([repository, names]) => {
    if (!isRecord(names)) throw new Error(`${repository}: not a list of names`);
    return [repository, Object.fromEntries(Object.entries(names).map(([name, before]) => [name, String(before)]))];
  });
  return { salt: value.salt, images: Object.fromEntries(images), pulling: Object.fromEntries(pulling) };
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
