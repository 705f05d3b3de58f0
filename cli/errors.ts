/** A command ends with a message on stderr: `error: <message>`, unless it is to be shown as it stands. */
export class CliError extends Error {
  override readonly name = "CliError";
  readonly exitCode: number;
  /** Printed without the `error: ` before it. */
  readonly bare: boolean;

  constructor(message: string, options: { readonly exitCode?: number; readonly bare?: boolean } = {}) {
    super(message);
    this.exitCode = options.exitCode ?? 1;
    this.bare = options.bare ?? false;
  }
}

/** Ends the command with an exit code and nothing more to say. */
export class ExitError extends Error {
  override readonly name = "ExitError";
  readonly exitCode: number;

  constructor(exitCode: number) {
    super(`exit code ${exitCode}`);
    this.exitCode = exitCode;
  }
}

/** The command line does not fit: the message, and where to read how it should look. */
export const usageError = (command: string, message: string): CliError =>
  new CliError(`${message}\nSee 'navctl ${command} -h' for help and examples`);

/**
 * What goes to stderr for a failure, without the final newline; undefined when there is nothing to say. `configured`: a
 * kubeconfig or a flag named the server.
 */
export function describeFailure(error: unknown, server: string, configured = true): string | undefined {
  if (error instanceof ExitError) return undefined;
  if (error instanceof CliError) return error.bare ? error.message : `error: ${error.message}`;
  if (isNamed(error, "StatusError")) return statusText(error as StatusLike);
  if (isNamed(error, "ConnectionError")) return connectionText(error as Error, server, configured);
  if (error instanceof HintedError) return `${describeFailure(error.cause, server, configured)}\n${error.hint}`;
  if (isNamed(error, "AggregateFailure")) {
    return (error as AggregateFailure).failures
      .map((failure) => describeFailure(failure, server, configured))
      .join("\n");
  }
  return `error: ${error instanceof Error ? error.message : String(error)}`;
}

/** A failure, and on a line of its own what may help. */
export class HintedError extends Error {
  override readonly name = "HintedError";
  readonly hint: string;

  constructor(cause: unknown, hint: string) {
    super(hint, { cause });
    this.hint = hint;
  }
}

/** Several objects failed each for itself; the others were done. */
export class AggregateFailure extends Error {
  override readonly name = "AggregateFailure";
  readonly failures: readonly unknown[];

  constructor(failures: readonly unknown[]) {
    super(failures.map((failure) => (failure instanceof Error ? failure.message : String(failure))).join("\n"));
    this.failures = failures;
  }
}

export const exitCodeOf = (error: unknown): number =>
  error instanceof ExitError || error instanceof CliError ? error.exitCode : 1;

interface StatusLike extends Error {
  readonly reason: string;
  readonly code: number;
  readonly details?: {
    readonly name?: string;
    readonly kind?: string;
    readonly causes?: readonly { readonly message?: string; readonly field?: string; readonly reason?: string }[];
  };
}

/** By name, so that printing an error loads neither the client nor the machinery. */
const isNamed = (error: unknown, name: string): boolean => error instanceof Error && error.name === name;

export const isStatus = (error: unknown, reason: string): boolean =>
  isNamed(error, "StatusError") && (error as StatusLike).reason === reason;
export const isStatusError = (error: unknown): error is StatusLike => isNamed(error, "StatusError");

/** The failure of a list, told with what was looked for. */
export function listFailure(
  error: unknown,
  { group, version, plural }: { readonly group: string; readonly version: string; readonly plural: string },
  {
    labelSelector = "",
    fieldSelector = "",
  }: { readonly labelSelector?: string | undefined; readonly fieldSelector?: string | undefined },
): unknown {
  if (!isStatusError(error) || (error.reason !== "BadRequest" && error.reason !== "NotFound")) return error;
  const what = JSON.stringify(`${group}/${version}, Resource=${plural}`);
  const message =
    labelSelector === "" && fieldSelector === ""
      ? `Unable to list ${what}: ${error.message}`
      : `Unable to find ${what} that match label selector ${JSON.stringify(labelSelector)}, field selector ${JSON.stringify(fieldSelector)}: ${error.message}`;
  return Object.create(error, { message: { value: message } });
}

function statusText(error: StatusLike): string {
  if (error.reason === "Unauthorized") return "error: You must be logged in to the server (Unauthorized)";
  if (error.reason === "Invalid") return invalidText(error);
  return error.reason === ""
    ? `Error from server: ${error.message}`
    : `Error from server (${error.reason}): ${error.message}`;
}

/** 422 as kubectl lays it out: one line for one cause, a bullet a cause otherwise. */
function invalidText(error: StatusLike): string {
  const causes = (error.details?.causes ?? []).filter((cause) => cause.message !== undefined && cause.message !== "");
  const { kind = "", name = "" } = error.details ?? {};
  const title =
    kind === "" && name === "" ? "The request is invalid" : `The ${kind} ${JSON.stringify(name)} is invalid`;
  if (causes.length === 0) return `${title}: ${error.message}`;
  const lines = [...new Set(causes.map(({ field, message }) => (field ? `${field}: ${message}` : `${message}`)))];
  return lines.length === 1 ? `${title}: ${lines[0]}` : `${title}: \n${lines.map((line) => `* ${line}`).join("\n")}`;
}

function connectionText(error: Error, server: string, configured: boolean): string {
  const text = `${error.message} ${String((error.cause as Error | undefined)?.message ?? "")} ${String((error.cause as { code?: string } | undefined)?.code ?? "")}`;
  const host = hostOf(server);
  if (/ECONNREFUSED|refused/.test(text)) {
    return `The connection to the server ${host} was refused - did you specify the right host or port?\n${configured ? notRunning : notConfigured}`;
  }
  if (/ENOTFOUND|EAI_AGAIN/.test(text))
    return `Unable to connect to the server: dial tcp: lookup ${host.replace(/:\d+$/, "")}: no such host`;
  const why = error.cause instanceof Error ? error.cause.message : error.message;
  return `Unable to connect to the server: ${certificateText(error.cause) ?? why}`;
}

const notRunning = "is the cluster running? start it with: navarch up";
const notConfigured =
  "no kubeconfig was found: name one with --kubeconfig or $KUBECONFIG, or start a cluster here with: navarch up";

interface CertificateError {
  readonly code?: string;
  readonly host?: string;
  readonly cert?: { readonly subjectaltname?: string };
}

/** Why the server's certificate was not believed, in the words that kubectl's users search for. */
function certificateText(cause: unknown): string | undefined {
  const { code = "", host = "", cert } = (cause ?? {}) as CertificateError;
  const failed = "tls: failed to verify certificate: x509: ";
  if (code === "ERR_TLS_CERT_ALTNAME_INVALID") {
    const names = (cert?.subjectaltname ?? "").split(", ").map((name) => name.replace(/^(DNS|IP Address):/, ""));
    return `${failed}certificate is valid for ${names.join(", ")}, not ${host}`;
  }
  if (unknownAuthority.has(code)) return `${failed}certificate signed by unknown authority`;
  if (code === "CERT_HAS_EXPIRED" || code === "CERT_NOT_YET_VALID")
    return `${failed}certificate has expired or is not yet valid`;
  return undefined;
}

const unknownAuthority: ReadonlySet<string> = new Set([
  "DEPTH_ZERO_SELF_SIGNED_CERT",
  "SELF_SIGNED_CERT_IN_CHAIN",
  "UNABLE_TO_GET_ISSUER_CERT",
  "UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
  "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
]);

const hostOf = (server: string): string => {
  try {
    return new URL(server).host;
  } catch {
    return server;
  }
};
