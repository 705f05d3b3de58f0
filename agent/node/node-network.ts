import type { Node } from "../../api/core/node/node.js";
import type { NodeView } from "../pod/pod-source.js";
import { rangeOf } from "../runtime/addresses.js";
import type { Runtime } from "../runtime/runtime.js";

/** The node's addresses: its own, given, or the first of its podCIDR where pods live on the host's loopback. */
export class NodeNetwork {
  readonly #runtime: Runtime;
  #addresses: readonly string[];
  #used: { readonly cidr: string; readonly told: Promise<void> } | undefined;

  constructor({ runtime, nodeIP }: { readonly runtime: Runtime; readonly nodeIP?: string | undefined }) {
    this.#runtime = runtime;
    this.#addresses = nodeIP === undefined ? [] : [nodeIP];
  }

  get addresses(): readonly string[] {
    return this.#addresses;
  }

  /** Resolves once the node has its podCIDR and the runtime knows it. */
  async ready(view: NodeView, signal: AbortSignal): Promise<void> {
    const cidr = await new Promise<string | undefined>((resolve) => {
      let unsubscribe = (): void => {};
      const done = (found: string | undefined): void => {
        resolve(found);
        queueMicrotask(() => unsubscribe());
      };
      unsubscribe = view.onNode(({ spec }) => {
        if (spec.podCIDR !== undefined) done(spec.podCIDR);
      });
      signal.addEventListener("abort", () => done(undefined), { once: true });
    });
    if (cidr !== undefined) await this.#use(cidr);
  }

  /** A node that had its podCIDR before this process began is ready from the first word on. */
  async use({ spec }: Node): Promise<void> {
    if (spec.podCIDR !== undefined) await this.#use(spec.podCIDR);
  }

  #use(cidr: string): Promise<void> {
    if (this.#used?.cidr !== cidr) {
      const told = this.#tell(cidr);
      this.#used = { cidr, told };
      told.catch(() => {
        this.#used = undefined;
      });
    }
    return this.#used.told;
  }

  async #tell(cidr: string): Promise<void> {
    await this.#runtime.setPodCidr(cidr);
    if (this.#addresses.length === 0) this.#addresses = [rangeOf(cidr).node];
  }
}
