/**
 * A task that never runs beside itself. Whoever asks while it runs waits for the next run, one for all of them: it begins
 * after they asked, so it has seen what made them ask.
 */
export function oneAtATime(task: () => Promise<void>): () => Promise<void> {
  let running: Promise<void> | undefined;
  let next: Promise<void> | undefined;
  const run = (): Promise<void> => {
    if (running) {
      next ??= running.then(again, again);
      return next;
    }
    running = task().finally(() => {
      running = undefined;
    });
    return running;
  };
  const again = (): Promise<void> => {
    next = undefined;
    return run();
  };
  return run;
}
