/** Whoever can tell that something is over, such as a request. */
export interface Abortable {
  readonly signal: AbortSignal;
}

/**
 * An AbortController whose signal is made once somebody asks for it. Most requests are answered before anybody listens,
 * and a signal of their own costs more than all else that is kept of them.
 */
export class LateAbort implements Abortable {
  #controller: AbortController | undefined;
  #over: { readonly reason: unknown } | undefined;

  get signal(): AbortSignal {
    if (!this.#controller) {
      this.#controller = new AbortController();
      if (this.#over) this.#controller.abort(this.#over.reason);
    }
    return this.#controller.signal;
  }

  /** Counts once, as a controller's own does. */
  abort(reason: unknown): void {
    this.#over ??= { reason };
    this.#controller?.abort(reason);
  }
}
