import { StatusError } from "../../apimachinery/status.js";
import type { SubresourceEndpoint } from "./subresources.js";

/** Ways into pods, services and nodes that this version does not have. */
export const unsupportedConnections: readonly SubresourceEndpoint[] = [
  ["pods", "proxy"],
  ["services", "proxy"],
  ["nodes", "proxy"],
].map(([resource = "", name = ""]) => ({
  resource,
  name,
  methods: ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"],
  async handle() {
    throw new StatusError(
      "MethodNotAllowed",
      `${resource}/${name} is not supported by this version`,
      { kind: resource },
      notImplemented,
    );
  },
}));

const notImplemented = 501;
