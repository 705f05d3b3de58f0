import { InvalidArgumentError } from "commander";
import { parseIpv4Block } from "../base/ipv4.js";

export const port = (text: string): number => {
  const value = integer(text);
  if (value > 65_535) throw new InvalidArgumentError("not a port: 0 to 65535.");
  return value;
};

export const integer = (text: string): number => {
  if (/^-\d+$/.test(text)) throw new InvalidArgumentError("must not be negative.");
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError("not a whole number.");
  return Number(text);
};

export const positive = (text: string): number => {
  if (/^(?:0+|-\d+)$/.test(text)) throw new InvalidArgumentError("must be at least 1.");
  return integer(text);
};

export const percent = (text: string): number => {
  const value = integer(text);
  if (value > 100) throw new InvalidArgumentError("must be 0 to 100.");
  return value;
};

export const verbosityLevel = (text: string): number => {
  const value = integer(text);
  if (value > 10) throw new InvalidArgumentError("must be 0 to 10.");
  return value;
};

/** For flags that may be repeated. */
export const collect = (text: string, before: readonly string[]): readonly string[] => [...before, text];

export const commaSeparated = (text: string): readonly string[] => text.split(",").filter((part) => part !== "");

const signingMinMs = 10_000;
const unitsMs: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

/** `40s`, `1m30s`, `500ms`: milliseconds. */
export const duration = (text: string): number => {
  const parts = [...text.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h)/g)];
  if (parts.length === 0 || parts.map(([part]) => part).join("") !== text) {
    throw new InvalidArgumentError("not a duration such as 40s or 1m30s.");
  }
  return parts.reduce((sum, [, amount, unit = ""]) => sum + Number(amount) * (unitsMs[unit] ?? 0), 0);
};

export const durationOrZero = (text: string): number => (text === "0" ? 0 : duration(text));

/** A certificate's life: some seconds at least, so that there is time to renew it. */
export const signingDuration = (text: string): number => {
  const lifeMs = duration(text);
  if (lifeMs < signingMinMs) throw new InvalidArgumentError(`at least ${signingMinMs / 1000}s.`);
  return lifeMs;
};

/** A duration within these bounds, both named as people write them. */
export const durationBetween = (low: string, high: string): ((text: string) => number) => {
  const [min, max] = [duration(low), duration(high)];
  return (text) => {
    const ms = duration(text);
    if (ms < min || ms > max) throw new InvalidArgumentError(`must be ${low} to ${high}.`);
    return ms;
  };
};

/** An IPv4 range in CIDR form. */
export const cidr = (text: string): string => {
  if (!parseIpv4Block(text)) throw new InvalidArgumentError("not an IPv4 range such as 127.64.0.0/10.");
  return text;
};
