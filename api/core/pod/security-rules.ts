import { inRange } from "../../../apimachinery/names.js";
import { duplicates, invalid, invalidFor, required } from "../../../apimachinery/schema/field-error.js";
import type { FieldError } from "../../../apimachinery/schema/schema.js";
import { localPathErrors } from "./container-rules.js";
import type { PodSecurityContext, SeccompProfile, SecurityContext } from "./security.js";

/** Who containers run as, and what they may do. */

const maxId = 2 ** 31 - 1;

const idErrors = (path: string, id: number | undefined): FieldError[] =>
  id === undefined ? [] : invalidFor(path, id, inRange(id, 0, maxId));

export function securityContextRules(context: SecurityContext): FieldError[] {
  const errors = [...idErrors("runAsUser", context.runAsUser), ...idErrors("runAsGroup", context.runAsGroup)];
  if (context.allowPrivilegeEscalation !== false) return errors;
  if (context.privileged === true)
    errors.push(invalid("", context, "cannot set `allowPrivilegeEscalation` to false and `privileged` to true"));
  if (context.capabilities?.add?.includes("CAP_SYS_ADMIN"))
    errors.push(
      invalid("", context, "cannot set `allowPrivilegeEscalation` to false and `capabilities.Add` CAP_SYS_ADMIN"),
    );
  return errors;
}

const sysctlName = /^[a-z0-9]([-_a-z0-9]*[a-z0-9])?([./][a-z0-9]([-_a-z0-9]*[a-z0-9])?)*$/;
const sysctlMaxCharacters = 253;

export function podSecurityContextRules(context: PodSecurityContext): FieldError[] {
  const { runAsUser, runAsGroup, fsGroup, supplementalGroups = [], sysctls = [] } = context;
  return [
    ...idErrors("fsGroup", fsGroup),
    ...idErrors("runAsUser", runAsUser),
    ...idErrors("runAsGroup", runAsGroup),
    ...supplementalGroups.flatMap((group, index) => idErrors(`supplementalGroups[${index}]`, group)),
    ...sysctls.flatMap(({ name }, index) =>
      name.length <= sysctlMaxCharacters && sysctlName.test(name)
        ? []
        : [
            invalid(
              `sysctls[${index}].name`,
              name,
              `must have at most ${sysctlMaxCharacters} characters and match regex ${sysctlName.source}`,
            ),
          ],
    ),
    ...duplicates(
      sysctls,
      ({ name }) => name.replaceAll("/", "."),
      (index) => `sysctls[${index}].name`,
    ),
  ];
}

/** The same rule for seccomp and AppArmor: a profile on the node is named when, and only when, the type says so. */
const localhostRules =
  (kind: string) =>
  ({ type, localhostProfile }: SeccompProfile): FieldError[] => {
    const path = "localhostProfile";
    if (type === "Localhost")
      return localhostProfile === undefined ? [required(path, `must be set when ${kind} type is Localhost`)] : [];
    return localhostProfile === undefined
      ? []
      : [invalid(path, localhostProfile, `can only be set when ${kind} type is Localhost`)];
  };
/** The file lies below the agent's folder of profiles. */
export const seccompRules = (profile: SeccompProfile): FieldError[] => [
  ...localhostRules("seccomp")(profile),
  ...(profile.localhostProfile === undefined ? [] : localPathErrors("localhostProfile", profile.localhostProfile)),
];
export const appArmorRules = localhostRules("AppArmor");
