import type { LogLevel } from "../base/log.js";

/** What `--v N` lets through: requests and other details from 4 on. */
export const logLevel = (v: number): LogLevel => (v >= 4 ? "debug" : "info");
