import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Access } from "./cluster.js";
import { describeWith, findHelms } from "./needs.js";
import { type RunResult, run } from "./run.js";

/** A real Helm for one namespace of a cluster. */
export interface Helm {
  /** Throws unless it exits with 0; answers stdout. */
  ok(...args: readonly string[]): Promise<string>;
  /** What `-o json` answers. */
  json<T>(...args: readonly string[]): Promise<T>;
  run(...args: readonly string[]): Promise<RunResult>;
  /** "1 superseded", "2 deployed" and so on. */
  history(release: string): Promise<readonly string[]>;
}

export interface HelmOptions {
  readonly path: string;
  readonly namespace: string;
  /** Where it keeps what it keeps. */
  readonly home: string;
}

const helmTimeoutMs = 90_000;

export function helmFor({ kubeconfig }: Pick<Access, "kubeconfig">, { path, namespace, home }: HelmOptions): Helm {
  const env = { PATH: process.env.PATH, HOME: home, KUBECONFIG: kubeconfig, HELM_NAMESPACE: namespace };
  const helm: Helm["run"] = (...args) => run(path, args, { env, cwd: home, timeoutMs: helmTimeoutMs });
  const ok: Helm["ok"] = async (...args) => {
    const { code, stdout, stderr } = await helm(...args);
    if (code !== 0) throw new Error(`helm ${args.join(" ")}: exit ${code}\n${stdout}${stderr}`);
    return stdout;
  };
  const json = async <T>(...args: readonly string[]): Promise<T> => JSON.parse(await ok(...args, "-o", "json")) as T;
  return {
    run: helm,
    ok,
    json,
    history: async (release) =>
      (await json<readonly { readonly revision: number; readonly status: string }[]>("history", release)).map(
        ({ revision, status }) => `${revision} ${status}`,
      ),
  };
}

/** A chart's folder, with these files in it. Answers its path. */
export function writeChart(folder: string, name: string, files: Readonly<Record<string, string>>): string {
  const chart = join(folder, name);
  const all = { "Chart.yaml": `apiVersion: v2\nname: ${name}\nversion: 0.1.0\nappVersion: "1.0"\n`, ...files };
  for (const [file, text] of Object.entries(all)) {
    mkdirSync(dirname(join(chart, file)), { recursive: true });
    writeFileSync(join(chart, file), text);
  }
  return chart;
}

export interface HelmProgram {
  readonly major: number;
  readonly version: string;
  readonly path: string;
}

/** Defines these tests for each real Helm that is here; a major version that is not is skipped by name. */
export function describeHelms(suite: string, define: (program: HelmProgram) => void): void {
  for (const major of [3, 4])
    describeWith([`helm-${major}`], `${suite}: Helm ${major}`, () => {
      for (const program of findHelms(major)) describe(program.version, () => define({ major, ...program }));
    });
}
