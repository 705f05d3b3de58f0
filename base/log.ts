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
  const inner = createLogger({
    level: options.level,
    format: format.combine(format.timestamp(), format.json()),
    transports: [transport],
  });
  return wrap(inner, levels.indexOf(options.level));
}

/** Swallows everything: for tests and tools that have nothing to say. */
export const silentLog: Logger = { debug() {}, info() {}, warn() {}, error() {}, with: () => silentLog };

const logFileMaxBytes = 10 * 1024 * 1024;
const logFilesKept = 3;

const levels: readonly LogLevel[] = ["error", "warn", "info", "debug"];

/** winston takes a line through its streams before it asks for the level, so that is asked for here. */
function wrap(inner: WinstonLogger, upTo: number): Logger {
  const at = (level: LogLevel): Logger["info"] =>
    levels.indexOf(level) > upTo ? () => {} : (message, fields) => void inner[level](message, fields);
  return {
    debug: at("debug"),
    info: at("info"),
    warn: at("warn"),
    error: at("error"),
    with: (fields) => wrap(inner.child(fields), upTo),
  };
}
