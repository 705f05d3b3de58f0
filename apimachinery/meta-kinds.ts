import { type ObjectMeta, objectMeta } from "./meta.js";
import { any, boolean, int32, int64, list, object, optional, ref, type Schema, string } from "./schema/schema.js";

/** Kinds that every API answers with, as definitions for OpenAPI and codecs; `status.ts` and `meta.ts` have their types. */

/** Metadata of a list. */
export const listMeta = object("ListMeta", {
  /** Leads to the next page; empty at the end. */
  continue: optional(string()),
  /** How many objects follow after this page, where that is known. */
  remainingItemCount: optional(int64()),
  /** The revision of the store that the list shows; a watch may start from it. */
  resourceVersion: optional(string()),
  /** Once the object's path; no longer filled in. */
  selfLink: optional(string()),
});

/** One cause of a failure. */
export const statusCause = object("StatusCause", {
  /** Path of the field that caused it, where one did. */
  field: optional(string()),
  /** What is wrong, for people. */
  message: optional(string()),
  /** What is wrong, for programs. */
  reason: optional(string()),
});

/** More about a failure. */
export const statusDetails = object("StatusDetails", {
  /** Each thing that is wrong. */
  causes: optional(list(ref<unknown>(() => statusCause))),
  /** API group of what the request was about. */
  group: optional(string()),
  /** Kind or resource that the request was about. */
  kind: optional(string()),
  /** Name of the object that the request was about. */
  name: optional(string()),
  /** When to try again, in seconds. */
  retryAfterSeconds: optional(int32()),
  /** Uid of the object, where it is known. */
  uid: optional(string()),
});

/** The outcome of a request that answers no object. */
export const statusKind = object("Status", {
  apiVersion: optional(string()),
  /** HTTP status code. */
  code: optional(int32()),
  /** Which object it was about, with every single cause. */
  details: optional(ref<unknown>(() => statusDetails)),
  kind: optional(string()),
  /** What happened, for people. */
  message: optional(string()),
  metadata: optional(ref<unknown>(() => listMeta)),
  /** Why it failed, in one word, for programs. */
  reason: optional(string()),
  /** `Success` or `Failure`. */
  status: optional(string()),
});

/** One resource that a group version has. */
export const apiResource = object("APIResource", {
  /** Groups of resources that this one belongs to (`all`). */
  categories: optional(list(string())),
  /** Group of the kind, where it is not that of the list. */
  group: optional(string()),
  /** Kind of the objects, such as `Deployment`. */
  kind: string(),
  /** Plural name, as in paths. */
  name: string(),
  /** Whether objects lie in namespaces. */
  namespaced: boolean(),
  /** Short forms that command lines take, such as `deploy`. */
  shortNames: optional(list(string())),
  /** Singular form of the name that command lines take. */
  singularName: string(),
  /** Changes when the stored form of objects may have changed. */
  storageVersionHash: optional(string()),
  /** What can be done with it: create, delete, deletecollection, get, list, patch, update, watch. */
  verbs: list(string()),
  /** Version of the kind, where it is not that of the list. */
  version: optional(string()),
});

/** The resources of a group version. */
export const apiResourceList = object("APIResourceList", {
  /** Always `v1`. */
  apiVersion: optional(string()),
  /** Group and version, such as `apps/v1`. */
  groupVersion: string(),
  /** Always `APIResourceList`. */
  kind: optional(string()),
  /** Resources and subresources, each an entry. */
  resources: list(ref<unknown>(() => apiResource)),
});

/** One event of a watch. */
export const watchEvent = object("WatchEvent", {
  /** The object after the change; in an event of type ERROR a Status. */
  object: any(),
  /** `ADDED`, `MODIFIED`, `DELETED`, `BOOKMARK` or `ERROR`. */
  type: string(),
});

/** The metadata of an object of any kind, alone. */
export const partialObjectMetadata = object("PartialObjectMetadata", {
  /** Always `meta.k8s.io/v1`. */
  apiVersion: optional(string()),
  /** Always `PartialObjectMetadata`. */
  kind: optional(string()),
  /** All of the object's metadata. */
  metadata: optional(ref<ObjectMeta>(() => objectMeta)),
});

const patchFields: Readonly<Record<string, Schema<unknown>>> = {};
/** Changes to an object, in one of the media types of patches. */
export const patchKind = object("Patch", patchFields);
