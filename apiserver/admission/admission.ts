import type { KubeObject } from "../../apimachinery/meta.js";
import type { ResourceDefinition } from "../../apimachinery/resource.js";
import type { Reads } from "../registry/reads.js";
import type { User } from "../request.js";

/** What admission is asked about: one write, decoded and defaulted, not yet validated. */
export interface AdmissionRequest {
  readonly operation: "CREATE" | "UPDATE" | "DELETE" | "CONNECT";
  readonly definition: ResourceDefinition;
  readonly subresource: string;
  readonly namespace: string;
  /** "" on a create with generateName alone. */
  readonly name: string;
  /** Absent on DELETE. For subresources that take another kind (Binding, Eviction): that object. */
  readonly object: KubeObject | undefined;
  /** Absent on CREATE. */
  readonly oldObject: KubeObject | undefined;
  readonly user: User;
  readonly dryRun: boolean;
  readonly warn: (text: string) => void;
}

/** One admission plugin. `mutate` returns the object to go on with; either refuses by throwing StatusError. */
export interface AdmissionPlugin {
  readonly name: string;
  /** Cheap test before anything else; absent means every write. */
  readonly handles?: (request: AdmissionRequest) => boolean;
  readonly mutate?: (
    request: AdmissionRequest & { readonly object: KubeObject },
    reads: Reads,
  ) => KubeObject | Promise<KubeObject>;
  readonly validate?: (request: AdmissionRequest, reads: Reads) => void | Promise<void>;
}

/** All plugins as the registry calls them, in the order of the list. */
export interface Admission {
  mutate(request: AdmissionRequest): Promise<KubeObject | undefined>;
  validate(request: AdmissionRequest): Promise<void>;
}
