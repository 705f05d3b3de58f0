/** Settles as the promise does, or resolves as soon as one of the signals is aborted. Leaves no listener behind. */
export async function untilAborted(promise: Promise<void>, ...signals: readonly AbortSignal[]): Promise<void> {
  let abort = (): void => {};
  const aborted = new Promise<void>((resolve) => {
    abort = resolve;
  });
  for (const signal of signals) signal.addEventListener("abort", abort, { once: true });
  if (signals.some((signal) => signal.aborted)) abort();
  try {
    await Promise.race([aborted, promise]);
  } finally {
    for (const signal of signals) signal.removeEventListener("abort", abort);
  }
}
