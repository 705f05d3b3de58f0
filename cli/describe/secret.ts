import type { Describer } from "./describer.js";

/** Sizes only: what a secret holds is not shown. */
export const describeSecret: Describer = (layout, secret) => {
  layout.line(0, `Name:\t${secret.metadata.name}`);
  layout.line(0, `Namespace:\t${secret.metadata.namespace}`);
  layout.map(0, "Labels", secret.metadata.labels);
  layout.annotations(0, secret);
  layout.line(0, `\nType:\t${String(secret.type ?? "")}`);
  layout.line(0, "\nData\n====");
  for (const [key, value] of Object.entries((secret.data ?? {}) as Readonly<Record<string, string>>).sort(([a], [b]) =>
    a < b ? -1 : 1,
  )) {
    layout.line(0, `${key}:\t${Buffer.from(value, "base64").length} bytes`);
  }
};
