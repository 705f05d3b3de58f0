import { isObject, type JsonObject } from "../merge.js";

/** Steps of a field's path, written as FieldsV1 writes them. */

export const fieldElement = (name: string): string => `f:${name}`;
export const valueElement = (value: unknown): string => `v:${JSON.stringify(value)}`;
/** Keys are written in the order of their names. */
export const keyElement = (keys: readonly (readonly [string, unknown])[]): string =>
  `k:{${keys.map(([name, value]) => `${JSON.stringify(name)}:${JSON.stringify(value)}`).join(",")}}`;

/** Whether a text is a path element. */
export function isElement(text: string): boolean {
  const rest = text.slice(2);
  switch (text.slice(0, 2)) {
    case "f:":
      return true;
    case "v:":
      return parsed(rest) !== undefined;
    case "k:":
      return isObject(parsed(rest));
    case "i:":
      return /^-?\d{1,15}$/.test(rest);
    default:
      return false;
  }
}

/** A path as conflicts name it: `.spec.template.spec.containers[name="web"].image`. */
export const shownPath = (path: readonly string[]): string => path.map(shownElement).join("");

function shownElement(element: string): string {
  const rest = element.slice(2);
  switch (element.slice(0, 2)) {
    case "f:":
      return `.${rest}`;
    case "v:":
      return `[=${rest}]`;
    case "k:": {
      const keys = parsed(rest);
      return isObject(keys) ? `[${shownKeys(keys)}]` : `[${rest}]`;
    }
    default:
      return `[${rest}]`;
  }
}

const shownKeys = (keys: JsonObject): string =>
  Object.entries(keys)
    .map(([name, value]) => `${name}=${JSON.stringify(value)}`)
    .join(",");

/** Undefined where the text is no JSON. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
