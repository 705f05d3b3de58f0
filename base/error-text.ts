/** What was thrown, in words; anything can be. */
export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** For the log, where it is nobody's mistake but the program's. */
export const stackOf = (error: unknown): string =>
  error instanceof Error ? (error.stack ?? error.message) : String(error);
