import { build, host } from "../base/build.js";

/** What client and server both say of themselves. */
export interface BuildVersion {
  readonly major: string;
  readonly minor: string;
  readonly gitVersion: string;
  readonly gitCommit: string;
  readonly gitTreeState: string;
  readonly buildDate: string;
  /** Of what runs the program, which is no Go. */
  readonly goVersion: string;
  readonly compiler: string;
  readonly platform: string;
}

/** The API's version with our own behind it. */
export const buildVersion = (ownVersion: string): BuildVersion => ({
  major: "1",
  minor: "36",
  gitVersion: `v1.36.0+navarch.${ownVersion}`,
  gitCommit: build.commit,
  gitTreeState: build.tree,
  buildDate: build.date,
  goVersion: host.runtime,
  compiler: host.compiler,
  platform: host.platform,
});
