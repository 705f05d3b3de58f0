export interface ProbeResult {
  /** "unknown" counts for nothing. */
  readonly outcome: "success" | "failure" | "unknown";
  /** What the program or server answered, for the event. */
  readonly output: string;
  /** How the program ended, where one was run. */
  readonly exitCode?: number;
  /** A success of which an event tells nevertheless. */
  readonly isWarning?: boolean;
}

export const success = (output: string): ProbeResult => ({
  outcome: "success",
  output: output.slice(0, outputMaxCharacters),
});
export const warning = (output: string): ProbeResult => ({ ...success(output), isWarning: true });
export const failure = (output: string): ProbeResult => ({
  outcome: "failure",
  output: output.slice(0, outputMaxCharacters),
});

const outputMaxCharacters = 10 * 1024;
