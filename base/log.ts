import { createLogger, format, transports, type Logger as WinstonLogger } from "winston";

/** Structured log. Fields are for identity (key, node, uid), never for secrets or whole objects. */
export interface Logger {
  debug(message: string, fields?: Readonly<Record<string, unknown>>): void;
  info(message: string, fields?: Readonly<Record<string, unknown>>): void;
  warn(message: string, fields?: Readonly<Record<string, unknown>>): void;
  error(message: string, fields?: Readonly<Record<string, unknown>>): void;
  /** The same log with fields added to every line. */
  with(fields: Readonly<Record<string, unknown>>): Logger;
}

export type LogLevel = "debug" | "info" | "warn" | "error";

/** Writes JSON lines to a file (mode 0600) or, without one, to stderr. */
export function createLog(options: { readonly level: LogLevel; readonly file?: string }): Logger {
  const transport = options.file
    ? new transports.File({
        filename: options.file,
        maxsize: logFileMaxBytes,
        maxFiles: logFilesKept,
        tailable: true,
        options: { flags: "a", mode: 0o600 },
      })
    : new transports.Stream({ stream: process.stderr });
  return wrap(
    createLogger({
      level: options.level,
      format: format.combine(format.timestamp(), format.json()),
      transports: [transport],
    }),
  );
}

/** Swallows everything: for tests and tools that have nothing to say. */
export const silentLog: Logger = { debug() {}, info() {}, warn() {}, error() {}, with: () => silentLog };

const logFileMaxBytes = 10 * 1024 * 1024;
const logFilesKept = 3;

const wrap = (inner: WinstonLogger): Logger => ({
  debug: (message, fields) => void inner.debug(message, fields),
  info: (message, fields) => void inner.info(message, fields),
  warn: (message, fields) => void inner.warn(message, fields),
  error: (message, fields) => void inner.error(message, fields),
  with: (fields) => wrap(inner.child(fields)),
});
