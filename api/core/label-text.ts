/** `app=web,tier=front`, as kubectl shows labels; undefined for none. */
export function labelText(labels: Readonly<Record<string, string>> = {}): string | undefined {
  const keys = Object.keys(labels).sort();
  return keys.length === 0 ? undefined : keys.map((key) => `${key}=${labels[key]}`).join(",");
}
