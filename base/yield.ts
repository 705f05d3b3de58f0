/** Lets the event loop take a turn, so that a long sweep never holds it. */
export const yieldToLoop = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
