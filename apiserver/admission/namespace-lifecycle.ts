import { namespaces } from "../../api/core/namespace.js";
import { notFound, StatusError } from "../../apimachinery/status.js";
import type { Reads } from "../registry/reads.js";
import type { AdmissionPlugin, AdmissionRequest } from "./admission.js";
import { isFor, refusal } from "./subject.js";

/** Nothing is written into a namespace that does not exist, nothing new into one that ends, and some never end. */
export const namespaceLifecycle: AdmissionPlugin = {
  name: "NamespaceLifecycle",
  handles: ({ operation, namespace, definition }) =>
    operation !== "CONNECT" && (namespace !== "" || definition.plural === namespaces.plural) && !definition.virtual,
  async mutate(request, reads) {
    await requireNamespace(request, reads);
    return request.object;
  },
  validate(request) {
    if (request.operation === "DELETE" && isFor(request, namespaces) && immortal.has(request.name))
      throw refusal(request, "this namespace may not be deleted");
  },
};

const immortal: ReadonlySet<string> = new Set(["default", "kube-system", "kube-public"]);

async function requireNamespace(request: AdmissionRequest, reads: Reads): Promise<void> {
  const { namespace: name, operation } = request;
  if (name === "" || isFor(request, namespaces)) return;
  const namespace = reads.get(namespaces, "", name) ?? (await reads.getFresh(namespaces, "", name));
  if (!namespace) throw notFound(namespaces, name);
  const ending = namespace.metadata.deletionTimestamp !== undefined || namespace.status?.phase === "Terminating";
  if (operation !== "CREATE" || !ending) return;
  const { message, details } = refusal(
    request,
    `unable to create new content in namespace ${name} because it is being terminated`,
  );
  throw new StatusError("Forbidden", message, {
    ...details,
    causes: [
      { reason: "NamespaceTerminating", message: `namespace ${name} is being terminated`, field: "metadata.namespace" },
    ],
  });
}
