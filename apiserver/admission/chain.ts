import type { Reads } from "../registry/reads.js";
import type { Admission, AdmissionPlugin, AdmissionRequest } from "./admission.js";

/** The plugins of a list, called in its order: all that mutate, then (after the object was validated) all that check. */
export function createAdmission(plugins: readonly AdmissionPlugin[], reads: Reads): Admission {
  const handling = (request: AdmissionRequest): readonly AdmissionPlugin[] =>
    plugins.filter(({ handles }) => !handles || handles(request));
  return {
    async mutate(request) {
      let { object } = request;
      for (const { mutate } of handling(request))
        if (mutate && object) object = await mutate({ ...request, object }, reads);
      return object;
    },
    async validate(request) {
      for (const { validate } of handling(request)) await validate?.(request, reads);
    },
  };
}
