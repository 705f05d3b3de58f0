/**
 * The notation in which field numbers are written: a definition a line, its fields in the order of their numbers from 1
 * on. A number moves on to that number; `+Name` is a message of its own on the wire whose fields stand in the same object
 * in JSON; `?` marks a scalar whose zero is a value, others' zero is absence.
 */
export interface NumberedField {
  readonly number: number;
  /** Of the field, or of the definition that is inlined. */
  readonly name: string;
  readonly inline: boolean;
  readonly zeroIsValue: boolean;
}

/** `  ` begins a line that continues the one before. */
export function parseFieldNumbers(text: string): ReadonlyMap<string, readonly NumberedField[]> {
  const lines = text.trim().replaceAll("\n  ", " ").split("\n");
  return new Map(
    lines.map((line) => {
      const [definition = "", fields = ""] = line.split(": ");
      return [definition, parseFields(fields.split(" "))];
    }),
  );
}

function parseFields(words: readonly string[]): readonly NumberedField[] {
  const fields: NumberedField[] = [];
  let number = 1;
  for (const word of words) {
    if (/^\d+$/.test(word)) {
      number = Number(word);
      continue;
    }
    const [, plus, name = "", mark] = /^(\+?)(\w+)(\??)$/.exec(word) ?? [];
    fields.push({ number, name, inline: plus === "+", zeroIsValue: mark === "?" });
    number++;
  }
  return fields;
}

/** The fields of any list of objects. */
export const listFields: readonly NumberedField[] = parseFields(["metadata", "items"]);
