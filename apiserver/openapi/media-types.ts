/** Media types that documents name. */
import type { Operation } from "./operations.js";

export const patchTypes = [
  "application/json-patch+json",
  "application/merge-patch+json",
  "application/strategic-merge-patch+json",
];

const objectTypes = ["application/json", "application/yaml", "application/vnd.kubernetes.protobuf"];
const watchTypes = ["application/json;stream=watch", "application/vnd.kubernetes.protobuf;stream=watch"];

export const describesWatch = (mediaType: string): boolean => mediaType.endsWith(";stream=watch");

/** What an operation can answer in. */
export function answerTypes({ answers, watchable }: Operation): readonly string[] {
  if (answers.some(({ content }) => content.type === "text")) return ["*/*"];
  return watchable ? [...objectTypes, ...watchTypes] : objectTypes;
}
