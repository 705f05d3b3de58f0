import { connectVerbs, defineResource, type ObjectOf } from "../../../apimachinery/resource.js";
import { podSpec } from "./spec.js";
import { podStatus } from "./status.js";

export const pods = defineResource({
  group: "",
  version: "v1",
  kind: "Pod",
  plural: "pods",
  shortNames: ["po"],
  categories: ["all"],
  scope: "Namespaced",
  spec: podSpec,
  status: podStatus,
  subresources: {
    status: true,
    others: {
      attach: ["create", "get"],
      binding: ["create"],
      ephemeralcontainers: ["get", "patch", "update"],
      eviction: ["create"],
      exec: ["create", "get"],
      log: ["get"],
      portforward: ["create", "get"],
      proxy: connectVerbs,
      resize: ["get", "patch", "update"],
    },
  },
});
export interface Pod extends ObjectOf<typeof pods> {}
