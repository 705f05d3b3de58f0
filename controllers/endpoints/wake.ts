import type { Pod } from "../../api/core/pod/pod.js";
import { services } from "../../api/core/service.js";
import { keyOf } from "../../client/informer/store.js";
import type { Cache } from "../framework/cache.js";
import { isSelected, selects } from "./backends.js";

/** The Services that select a pod. */
export const servicesOf = ({ metadata: { namespace = "", labels } }: Pod, cache: Cache): readonly string[] =>
  cache
    .list(services, namespace)
    .filter((service) => selects(service) && isSelected(service, labels))
    .map(keyOf);
