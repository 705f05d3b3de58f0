/** The caller's end of a remote command, whatever protocol it speaks. */
export interface RemoteClient {
  /** Aborted when the caller is gone. */
  readonly gone: AbortSignal;
  /** From now on what the caller sends is taken; nothing that came before is lost. */
  listen(to: RemoteInput): void;
  /** Resolves when the caller can be sent more. */
  send(stream: "stdout" | "stderr", bytes: Uint8Array): Promise<void>;
  /** Says how it ended, and ends the connection. */
  finish(outcome: Outcome): void;
}

export interface RemoteInput {
  /** Called with the next bytes only when its promise has resolved. */
  readonly take: ((bytes: Uint8Array) => Promise<void>) | undefined;
  readonly end: () => void;
  readonly resize: (columns: number, rows: number) => void;
}

/** A Status, and for callers whose protocol has none its message. */
export interface Outcome {
  readonly metadata: object;
  readonly status: "Success" | "Failure";
  readonly reason?: string;
  readonly message?: string;
  readonly code?: number;
  readonly details?: { readonly causes: readonly { readonly reason: string; readonly message: string }[] };
}

export const success: Outcome = { metadata: {}, status: "Success" };

/** For protocols before the fourth: success is silence. */
export const plainWords = ({ status, message = "failed" }: Outcome): string => (status === "Success" ? "" : message);

/** How callers learn the exit code. */
export const exitOutcome = (code: number): Outcome =>
  code === 0
    ? success
    : {
        metadata: {},
        status: "Failure",
        reason: "NonZeroExitCode",
        message: `command terminated with non-zero exit code: exit status ${code}`,
        details: { causes: [{ reason: "ExitCode", message: String(code) }] },
      };

export const failure = (message: string): Outcome => ({
  metadata: {},
  status: "Failure",
  reason: "InternalError",
  message: `Internal error occurred: ${message}`,
  code: 500,
});

/** A terminal's size as callers send it: `{"Width": columns, "Height": rows}`; undefined where it cannot be read. */
export function sizeOf(bytes: Uint8Array): readonly [columns: number, rows: number] | undefined {
  try {
    const size: unknown = JSON.parse(Buffer.from(bytes).toString("utf8"));
    if (typeof size !== "object" || size === null || !("Width" in size) || !("Height" in size)) return undefined;
    const { Width, Height } = size;
    return typeof Width === "number" && typeof Height === "number" ? [Width, Height] : undefined;
  } catch {
    return undefined;
  }
}
