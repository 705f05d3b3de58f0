import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import type { Clock } from "../../../base/clock.js";
import type { Random } from "../../../base/random.js";
import { type AddressRange, nextAddress } from "../addresses.js";
import type { PortMapping } from "../isolation.js";
import { bootId } from "../proc.js";
import { type PodIdentity, RuntimeError, type Sandbox, type SandboxConfig } from "../runtime.js";

export interface StoredSandbox {
  readonly id: string;
  readonly pod: PodIdentity;
  readonly attempt: number;
  readonly hostname: string;
  readonly ip: string;
  readonly createdAtMs: number;
  readonly annotations: Readonly<Record<string, string>>;
  readonly portMappings?: readonly PortMapping[];
  readonly hostPid?: true;
  readonly stopped: boolean;
  readonly bootId: string;
}

/** The sandboxes of this node on its disk: an address and a home directory each. Those of another boot have stopped. */
export class SandboxStore {
  /** Addresses to give out. */
  range: AddressRange | undefined;
  readonly #dir: string;
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #sandboxes = new Map<string, StoredSandbox>();
  #nextAddress = 0;

  constructor(dir: string, { clock, random }: { readonly clock: Clock; readonly random: Random }) {
    this.#dir = dir;
    this.#clock = clock;
    this.#random = random;
    mkdirSync(dir, { recursive: true, mode: 0o700 });
    for (const id of readdirSync(dir)) {
      const stored = readJson<StoredSandbox>(join(dir, id, "sandbox.json"));
      if (stored) this.#sandboxes.set(id, stored.bootId === bootId() ? stored : { ...stored, stopped: true });
      else rmSync(join(dir, id), { recursive: true, force: true });
    }
  }

  all(): readonly StoredSandbox[] {
    return [...this.#sandboxes.values()];
  }

  get(id: string): StoredSandbox | undefined {
    return this.#sandboxes.get(id);
  }

  known(id: string): StoredSandbox {
    const sandbox = this.#sandboxes.get(id);
    if (!sandbox) throw new RuntimeError("NotFound", `sandbox ${JSON.stringify(id)} not found`);
    return sandbox;
  }

  list(podUid: string | undefined): readonly Sandbox[] {
    const own = [...this.#sandboxes.values()].filter(({ pod }) => podUid === undefined || pod.uid === podUid);
    return own.map(({ id, pod, attempt, ip, createdAtMs, annotations, stopped }) => ({
      id,
      pod,
      attempt,
      createdAtMs,
      annotations,
      ips: [ip],
      state: stopped ? "notReady" : "ready",
    }));
  }

  create({ pod, attempt, hostname, annotations, portMappings = [], hostNamespaces }: SandboxConfig): StoredSandbox {
    if (!this.range) throw new RuntimeError("CreatePodSandboxError", "the node has no podCIDR yet");
    const taken = new Set([...this.#sandboxes.values()].filter(({ stopped }) => !stopped).map(({ ip }) => ip));
    const free = nextAddress(this.range, taken, this.#nextAddress);
    if (!free) throw new RuntimeError("CreatePodSandboxError", "no address is left in the node's podCIDR");
    this.#nextAddress = free.index + 1;
    const sandbox: StoredSandbox = {
      id: newId(this.#random),
      pod,
      attempt,
      hostname,
      annotations,
      portMappings,
      ...(hostNamespaces?.pid ? { hostPid: true } : {}),
      ip: free.address,
      createdAtMs: this.#clock.now(),
      stopped: false,
      bootId: bootId(),
    };
    mkdirSync(this.home(sandbox.id), { recursive: true, mode: 0o700 });
    this.#store(sandbox);
    return sandbox;
  }

  stop(id: string): void {
    this.#store({ ...this.known(id), stopped: true });
  }

  async remove(id: string): Promise<void> {
    if (this.#sandboxes.delete(id)) await rm(join(this.#dir, id), { recursive: true, force: true });
  }

  /** HOME of the pod's containers. */
  home(id: string): string {
    return join(this.#dir, id, "home");
  }

  #store(sandbox: StoredSandbox): void {
    const file = join(this.#dir, sandbox.id, "sandbox.json");
    writeFileSync(`${file}.new`, JSON.stringify(sandbox), { mode: 0o600 });
    renameSync(`${file}.new`, file);
    this.#sandboxes.set(sandbox.id, sandbox);
  }
}

/** A file of our own making; undefined where it is missing or was not finished. */
export function readJson<T>(path: string): T | undefined {
  try {
    return JSON.parse(readFileSync(path, "utf8")) as T;
  } catch {
    return undefined;
  }
}

export const newId = (random: Random): string => (random.uuid() + random.uuid()).replaceAll("-", "");
