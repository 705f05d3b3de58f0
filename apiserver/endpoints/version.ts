import type { PathEndpoint } from "./paths.js";

/** What /version says; clients read the API's version off major and minor. */
export interface VersionInfo {
  readonly major: string;
  readonly minor: string;
  readonly gitVersion: string;
  readonly gitCommit: string;
  readonly gitTreeState: string;
  readonly buildDate: string;
  readonly goVersion: string;
  readonly compiler: string;
  readonly platform: string;
}

export function versionInfo(ownVersion: string): VersionInfo {
  const arch: Readonly<Record<string, string>> = { x64: "amd64", ia32: "386" };
  return {
    major: "1",
    minor: "36",
    gitVersion: `v1.36.0+navarch.${ownVersion}`,
    gitCommit: "",
    gitTreeState: "",
    buildDate: "1970-01-01T00:00:00Z",
    goVersion: "",
    compiler: `node ${process.version}`,
    platform: `${process.platform}/${arch[process.arch] ?? process.arch}`,
  };
}

export const versionEndpoint = (info: VersionInfo): PathEndpoint => ({
  path: "/version",
  handle: () => ({ type: "value", status: 200, value: info }),
});
