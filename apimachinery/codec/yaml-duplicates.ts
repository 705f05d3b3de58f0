import { EVENT_ID, getScalarValue, type ParserOptions, parseEvents } from "js-yaml";

/** Every key that a map of the text has again: `line 6: key "a" already set in map`. For a text that can be read. */
export function duplicateKeys(text: string, options: ParserOptions): readonly string[] {
  const found: string[] = [];
  const open: (OpenMap | undefined)[] = [];
  /** In a map keys and values take turns. */
  const took = (key: string | undefined, start: number): void => {
    const map = open.at(-1);
    if (!map) return;
    if (map.atKey && key !== undefined) {
      if (map.keys.has(key)) found.push(`line ${lineOf(text, start)}: key ${JSON.stringify(key)} already set in map`);
      map.keys.add(key);
    }
    map.atKey = !map.atKey;
  };
  for (const event of parseEvents(text, options)) {
    if (found.length >= reportedMax) break;
    switch (event.type) {
      case EVENT_ID.SCALAR:
        took(getScalarValue(text, event), event.valueStart);
        break;
      case EVENT_ID.ALIAS:
        took(undefined, event.anchorStart);
        break;
      case EVENT_ID.MAPPING:
        took(undefined, event.start);
        open.push({ keys: new Set(), atKey: true });
        break;
      case EVENT_ID.SEQUENCE:
        took(undefined, event.start);
        open.push(undefined);
        break;
      case EVENT_ID.DOCUMENT:
        open.push(undefined);
        break;
      case EVENT_ID.POP:
        open.pop();
        break;
    }
  }
  return found;
}

interface OpenMap {
  readonly keys: Set<string>;
  atKey: boolean;
}

function lineOf(text: string, at: number): number {
  let line = 1;
  for (let index = text.indexOf("\n"); index >= 0 && index < at; index = text.indexOf("\n", index + 1)) line++;
  return line;
}

const reportedMax = 20;
