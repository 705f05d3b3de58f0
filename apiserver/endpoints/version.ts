import { type BuildVersion, buildVersion } from "../../apimachinery/version.js";
import type { PathEndpoint } from "./paths.js";

/** What /version says; clients read the API's version off major and minor. */
export interface VersionInfo extends BuildVersion {
  /** The version whose behaviour is shown, and the oldest that may be asked for: there is but this one. */
  readonly emulationMajor: string;
  readonly emulationMinor: string;
  readonly minCompatibilityMajor: string;
  readonly minCompatibilityMinor: string;
}

export function versionInfo(ownVersion: string): VersionInfo {
  const { major, minor, ...others } = buildVersion(ownVersion);
  return {
    major,
    minor,
    emulationMajor: major,
    emulationMinor: minor,
    minCompatibilityMajor: major,
    minCompatibilityMinor: String(Number(minor) - 1),
    ...others,
  };
}

export const versionEndpoint = (info: VersionInfo): PathEndpoint => ({
  path: "/version",
  handle: () => ({ type: "value", status: 200, value: info }),
});
