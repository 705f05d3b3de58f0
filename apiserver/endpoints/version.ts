import { build, host } from "../../base/build.js";
import type { PathEndpoint } from "./paths.js";

/** What /version says; clients read the API's version off major and minor. */
export interface VersionInfo {
  readonly major: string;
  readonly minor: string;
  /** The version whose behaviour is shown, and the oldest that may be asked for: there is but this one. */
  readonly emulationMajor: string;
  readonly emulationMinor: string;
  readonly minCompatibilityMajor: string;
  readonly minCompatibilityMinor: string;
  readonly gitVersion: string;
  readonly gitCommit: string;
  readonly gitTreeState: string;
  readonly buildDate: string;
  /** Of what runs the server, which is no Go. */
  readonly goVersion: string;
  readonly compiler: string;
  readonly platform: string;
}

export const versionInfo = (ownVersion: string): VersionInfo => ({
  major: "1",
  minor: "36",
  emulationMajor: "1",
  emulationMinor: "36",
  minCompatibilityMajor: "1",
  minCompatibilityMinor: "35",
  gitVersion: `v1.36.0+navarch.${ownVersion}`,
  gitCommit: build.commit,
  gitTreeState: build.tree,
  buildDate: build.date,
  goVersion: host.runtime,
  compiler: host.compiler,
  platform: host.platform,
});

export const versionEndpoint = (info: VersionInfo): PathEndpoint => ({
  path: "/version",
  handle: () => ({ type: "value", status: 200, value: info }),
});
