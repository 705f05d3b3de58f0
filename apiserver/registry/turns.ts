/**
 * Writers of one object in this process that have lost a comparison take turns from then on: of 64 that try again at
 * once, 63 would lose again.
 */
export class Turns {
  readonly #last = new Map<string, Promise<void>>();

  /** Resolves when it is the caller's turn; what it gets ends the turn and must be called. */
  async take(key: string): Promise<() => void> {
    const before = this.#last.get(key);
    let end = (): void => {};
    const turn = new Promise<void>((resolve) => {
      end = resolve;
    });
    this.#last.set(key, turn);
    await before;
    return () => {
      if (this.#last.get(key) === turn) this.#last.delete(key);
      end();
    };
  }
}
