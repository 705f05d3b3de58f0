import type { ObjectReference } from "../../api/core/reference.js";

/** Events of nodes name the node where others have a uid: so kubectl looks for them. */
export const nodeReference = (nodeName: string): ObjectReference => ({
  apiVersion: "v1",
  kind: "Node",
  name: nodeName,
  uid: nodeName,
});
