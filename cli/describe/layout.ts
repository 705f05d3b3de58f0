import { goText } from "../../base/go-text.js";
import type { AnyObject } from "../api.js";
import { alignTabs, describeTabs } from "../printers/tab-writer.js";

/** Collects lines of `describe`; a tab ends a cell, a level is two blanks. */
export class Layout {
  #text = "";

  line(level: number, text = ""): void {
    this.#text += `${"  ".repeat(level)}${text}\n`;
  }

  /** `Key:  value`; `<none>` without a value. */
  field(level: number, key: string, value: unknown): void {
    this.line(level, `${key}:\t${value === undefined || value === null || value === "" ? "<none>" : goText(value)}`);
  }

  /** Only where there is a value. */
  given(level: number, key: string, value: unknown): void {
    if (value !== undefined && value !== null && value !== "") this.field(level, key, value);
  }

  /** One pair a line, in the column of the first. */
  map(level: number, key: string, map: Readonly<Record<string, string>> | undefined, separator = "="): void {
    this.lines(
      level,
      key,
      Object.entries(map ?? {})
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([name, value]) => `${name}${separator}${value}`),
    );
  }

  lines(level: number, key: string, values: readonly string[]): void {
    if (values.length === 0) this.field(level, key, undefined);
    values.forEach((value, index) => {
      this.line(index === 0 ? level : 0, `${index === 0 ? `${key}:` : ""}\t${value}`);
    });
  }

  /** Name, labels and annotations, as every description begins. */
  annotations(level: number, { metadata }: Pick<AnyObject, "metadata">): void {
    const shown = Object.entries(metadata.annotations ?? {}).filter(
      ([key]) => key !== "kubectl.kubernetes.io/last-applied-configuration",
    );
    const lines = shown.sort(([a], [b]) => (a < b ? -1 : 1)).flatMap(([key, value]) => annotationLines(key, value));
    this.lines(level, "Annotations", lines);
  }

  /** Before its columns are aligned. */
  get raw(): string {
    return this.#text;
  }

  toString(): string {
    return alignTabs(this.#text, describeTabs);
  }
}

const annotationMaxCharacters = 140;

function annotationLines(key: string, value: string): string[] {
  const shown = value.length > annotationMaxCharacters ? `${value.slice(0, annotationMaxCharacters - 3)}...` : value;
  return key.length + shown.length > annotationMaxCharacters || shown.includes("\n")
    ? [`${key}:`, ...shown.split("\n").map((line) => `  ${line}`)]
    : [`${key}: ${shown}`];
}

const days = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];
const months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
const two = (number: number): string => String(number).padStart(2, "0");

/** `Mon, 02 Jan 2006 15:04:05 -0700`, in the caller's time zone. */
export function timeText(written: string | undefined | null): string {
  const date = new Date(written ?? "");
  if (Number.isNaN(date.getTime())) return "";
  const offset = -date.getTimezoneOffset();
  const zone = `${offset < 0 ? "-" : "+"}${two(Math.floor(Math.abs(offset) / 60))}${two(Math.abs(offset) % 60)}`;
  return `${days[date.getDay()]}, ${two(date.getDate())} ${months[date.getMonth()]} ${date.getFullYear()} ${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())} ${zone}`;
}

export const controllerOf = ({ metadata }: Pick<AnyObject, "metadata">): string | undefined => {
  const owner = metadata.ownerReferences?.find(({ controller }) => controller);
  return owner && `${owner.kind}/${owner.name}`;
};

/** `app=web,tier in (a,b)` of a LabelSelector. */
export function selectorText(selector: unknown): string {
  const { matchLabels = {}, matchExpressions = [] } = (selector ?? {}) as {
    readonly matchLabels?: Readonly<Record<string, string>>;
    readonly matchExpressions?: readonly {
      readonly key: string;
      readonly operator: string;
      readonly values?: readonly string[];
    }[];
  };
  const equal = Object.entries(matchLabels)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, value]) => `${key}=${value}`);
  const expressions = matchExpressions.map(({ key, operator, values = [] }) =>
    operator === "Exists"
      ? key
      : operator === "DoesNotExist"
        ? `!${key}`
        : `${key} ${operator.toLowerCase()} (${values.join(",")})`,
  );
  return [...equal, ...expressions].join(",") || "<none>";
}
