import type { KubeObject } from "../../apimachinery/meta.js";

/** An object's metadata alone. */
export const partialMetadata = ({ metadata }: KubeObject): KubeObject => ({
  kind: "PartialObjectMetadata",
  apiVersion: "meta.k8s.io/v1",
  metadata,
});
