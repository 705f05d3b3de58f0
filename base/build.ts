/** From what, when and for what this program was built. */
export interface Build {
  /** Of the sources; "" where that is not known. */
  readonly commit: string;
  /** Whether the sources were those of the commit: clean or dirty; archive where no commit is known. */
  readonly tree: "clean" | "dirty" | "archive";
  /** RFC 3339, in whole seconds. */
  readonly date: string;
}

/** Put in by the bundler. */
declare const NAVARCH_BUILD: Build | undefined;

const unbuilt: Build = { commit: "", tree: "archive", date: "1970-01-01T00:00:00Z" };
export const build: Build = typeof NAVARCH_BUILD === "undefined" ? unbuilt : NAVARCH_BUILD;

const architectures: Readonly<Record<string, string>> = { x64: "amd64", ia32: "386" };

/** What runs it, in the words in which versions are told. */
export const host = {
  runtime: `node${process.version.slice(1)}`,
  compiler: "v8",
  platform: `${process.platform}/${architectures[process.arch] ?? process.arch}`,
};
