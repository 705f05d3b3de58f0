import type { Describer } from "./describer.js";

export const describeConfigMap: Describer = (layout, configMap) => {
  layout.line(0, `Name:\t${configMap.metadata.name}`);
  layout.line(0, `Namespace:\t${configMap.metadata.namespace}`);
  layout.map(0, "Labels", configMap.metadata.labels);
  layout.annotations(0, configMap);
  layout.line(0, "\nData\n====");
  for (const [key, value] of Object.entries((configMap.data ?? {}) as Readonly<Record<string, string>>).sort(
    ([a], [b]) => (a < b ? -1 : 1),
  )) {
    layout.line(0, `${key}:\n----\n${value.replaceAll("\t", "    ")}\n`);
  }
  layout.line(0, "\nBinaryData\n====");
  for (const [key, value] of Object.entries((configMap.binaryData ?? {}) as Readonly<Record<string, string>>).sort(
    ([a], [b]) => (a < b ? -1 : 1),
  )) {
    layout.line(0, `${key}: ${Buffer.from(value, "base64").length} bytes`);
  }
  layout.line(0);
};
