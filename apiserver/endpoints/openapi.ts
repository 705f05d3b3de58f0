import { StatusError } from "../../apimachinery/status.js";
import type { PathEndpoint } from "./paths.js";

/** Schemas are not published yet; clients that check against them can be told not to. */
export const openApiEndpoints: readonly PathEndpoint[] = ["/openapi/v2", "/openapi/v3"].map((path) => ({
  path,
  below: true,
  hidden: true,
  handle: () => {
    throw new StatusError(
      "NotFound",
      "OpenAPI schemas are not served by this version; kubectl works with --validate=false",
      {},
    );
  },
}));
