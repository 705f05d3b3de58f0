import { definePlugin, rejects, skip } from "../framework.js";

/** Affinity between pods is not scheduled by yet: a pod that requires it is told so instead of being put anywhere. */
export const unsupportedAffinity = definePlugin({
  name: "InterPodAffinity",
  prepare: ({ spec: { affinity } }) => {
    const asked = (["podAffinity", "podAntiAffinity"] as const).filter(
      (kind) => (affinity?.[kind]?.requiredDuringSchedulingIgnoredDuringExecution ?? []).length > 0,
    );
    const [first] = asked;
    return first
      ? rejects(
          `node(s) skipped: this scheduler does not know spec.affinity.${first}.requiredDuringSchedulingIgnoredDuringExecution yet`,
        )
      : skip;
  },
});
