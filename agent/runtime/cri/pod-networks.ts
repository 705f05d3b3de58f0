import type { Clock } from "../../../base/clock.js";
import { messageOf } from "../../../base/error-text.js";
import type { Logger } from "../../../base/log.js";
import { type RuntimeCondition, RuntimeError } from "../runtime.js";
import { AddressLeases } from "./address-leases.js";
import { ensureNetwork } from "./cni.js";
import type { RuntimeService } from "./service.js";

export interface PodNetworksOptions {
  readonly service: Pick<RuntimeService, "conditions" | "networkFolder" | "updateRuntimeConfig" | "listPodSandboxes">;
  /** Stands for this node's agent. */
  readonly owner: string;
  /** Where the addresses that were given out are noted. */
  readonly dataDir: string;
  readonly clock: Clock;
  readonly log: Logger;
}

/** Sees to it that the runtime has a network for pods, and says when it has. */
export class PodNetworks {
  readonly #options: PodNetworksOptions;
  readonly #leases: AddressLeases;
  #podCidr: string | undefined;
  #isSet = false;

  constructor(options: PodNetworksOptions) {
    const { service, dataDir, clock, log } = options;
    this.#options = options;
    this.#leases = new AddressLeases({
      ...{ dir: dataDir, clock, log },
      sandboxes: async () => new Set((await service.listPodSandboxes({})).map(({ id }) => id)),
    });
  }

  async conditions(): Promise<readonly RuntimeCondition[]> {
    if (!this.#isSet) await this.#set();
    const conditions = await this.#options.service.conditions();
    if (this.#podCidr !== undefined) return conditions;
    return conditions.map((condition) =>
      condition.type === "NetworkReady" && condition.status ? { ...condition, ...noRange } : condition,
    );
  }

  async setPodCidr(cidr: string): Promise<void> {
    this.#podCidr = cidr;
    this.#isSet = false;
    await this.#set();
  }

  /** Throws RuntimeError while pods cannot be given addresses. */
  checkRange(): void {
    if (this.#podCidr === undefined) throw new RuntimeError("CreatePodSandboxError", noRange.message);
  }

  close(): Promise<void> {
    return this.#leases.close();
  }

  /** Where the runtime cannot be reached now this is made up for later. */
  async #set(): Promise<void> {
    const podCidr = this.#podCidr;
    if (podCidr === undefined) return;
    const { service, owner, dataDir, log } = this.#options;
    try {
      const confDir = await service.networkFolder();
      if (confDir !== undefined) ensureNetwork(confDir, { owner, podCidr, dataDir });
      await service.updateRuntimeConfig(podCidr);
      // Meanwhile the node may have got another.
      this.#isSet = this.#podCidr === podCidr;
      await this.#ready();
    } catch (error) {
      log.warn("pod network not set up", { error: messageOf(error) });
    }
  }

  /** The runtime sees a new configuration a moment after it was written. */
  async #ready(): Promise<void> {
    const { service, clock } = this.#options;
    for (let tries = 0; tries < readyTries; tries++) {
      const conditions = await service.conditions();
      if (conditions.every(({ status }) => status)) return;
      await clock.sleep(readyPollMs);
    }
  }
}

const readyTries = 20;
const readyPollMs = 50;
const noRange = { status: false, reason: "NetworkPluginNotReady", message: "the node has no podCIDR yet" } as const;
