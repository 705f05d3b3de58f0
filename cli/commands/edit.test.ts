import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { type HttpsApi, openHttpsApi } from "../../e2e/harness/https-api.js";
import { type CliResult, runCli } from "../cli.test-kit.js";

let api: HttpsApi;
beforeAll(async () => {
  api = await openHttpsApi();
});
const folders = new Set<string>();
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
  return api.close();
});

type Turn = (text: string) => string | number | Promise<string | number>;
interface Edited extends CliResult {
  readonly seen: readonly string[];
  readonly file: string;
}

/** An editor that takes one turn after another, the last one again and again; a number is how it fails. */
async function edit(line: string, ...turns: readonly [Turn, ...Turn[]]): Promise<Edited> {
  const seen: string[] = [];
  let place = "";
  const result = await navctl(line, async (_, file) => {
    place = file;
    folders.add(dirname(file));
    const text = readFileSync(file, "utf8");
    const turn = turns[Math.min(seen.length, turns.length - 1)] ?? turns[0];
    seen.push(text);
    const left = await turn(text);
    if (typeof left === "number") return left;
    writeFileSync(file, left);
    return 0;
  });
  return {
    ...result,
    stderr: place === "" ? result.stderr : result.stderr.replaceAll(place, "FILE"),
    seen,
    file: place,
  };
}
const navctl = (
  line: string,
  runEditor?: (command: string, file: string) => Promise<number>,
  stdin = "",
): Promise<CliResult> =>
  runCli(line.split(" "), {
    cwd: api.dir,
    env: { HOME: api.dir, KUBECONFIG: api.kubeconfig, EDITOR: "ed" },
    stdin,
    ...(runEditor ? { runEditor } : {}),
  });
const made = async (name: string): Promise<void> => {
  expect(await navctl(`create configmap ${name} --from-literal=a=1`)).toMatchObject({ code: 0 });
};
const dataOf = async (name: string): Promise<string> => (await navctl(`get cm ${name} -o jsonpath={.data.a}`)).stdout;
const same: Turn = (text) => text;
const broken: Turn = (text) => text.replace('  a: "1"', '  a: "2"\n c: d');

describe("edit", () => {
  it("opens again what is no YAML, with the reason on top, and takes what is mended", async () => {
    await made("mended");
    const { code, stdout, stderr, seen, file } = await edit("edit cm mended", broken, (text) =>
      text.replace("\n c: d", ""),
    );
    expect({ code, stdout, stderr }).toEqual({
      code: 0,
      stdout: "configmap/mended edited\n",
      stderr: 'error: configmaps "mended" is invalid\n',
    });
    expect(seen[1]).toMatch(
      /^# configmaps "mended" was not valid:\n# \* <nil>: Invalid value: "The edited file failed validation": yaml: line \d+: .+\n#\napiVersion: v1$/m,
    );
    expect(seen[1]).toContain('  a: "2"\n c: d\n');
    expect(await dataOf("mended")).toBe("2");
    expect(existsSync(dirname(file))).toBe(false);
  });
  it("gives up naming the copy where nothing was mended", async () => {
    await made("given-up");
    const { code, stderr, seen, file } = await edit("edit cm given-up", broken, same);
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr:
        'error: configmaps "given-up" is invalid\nA copy of your changes has been stored to "FILE"\nerror: Edit cancelled, no valid changes were saved.\n',
    });
    expect(seen).toHaveLength(2);
    expect(readFileSync(file, "utf8")).toContain('  a: "2"\n c: d\n');
    expect(await dataOf("given-up")).toBe("1");
  });
  it("opens again what the server calls invalid", async () => {
    await made("invalid");
    const { code, stderr, seen } = await edit(
      "edit cm invalid",
      (text) => text.replace("  name: invalid\n", "  name: invalid\n  labels: {a b: c}\n"),
      (text) => text.replace("{a b: c}", "{a-b: c}"),
    );
    expect({ code, stderr }).toEqual({ code: 0, stderr: 'error: configmaps "invalid" is invalid\n' });
    expect(seen[1]).toMatch(/^# \* metadata\.labels: Invalid value: "a b": /m);
  });
  it("leaves nothing where the editor failed on an unchanged file, and names what it changed", async () => {
    await made("failing");
    const failed = await edit("edit cm failing", () => 1);
    expect(failed).toMatchObject({ code: 1, stderr: 'error: there was a problem with the editor "ed"\n' });
    expect(existsSync(dirname(failed.file))).toBe(false);
    const left = await edit("edit cm failing", broken, () => 1);
    expect(left.stderr).toContain(
      'A copy of your changes has been stored to "FILE"\nerror: there was a problem with the editor "ed"\n',
    );
    expect(existsSync(left.file)).toBe(true);
  });
  it("keeps the edits of an object that is gone meanwhile", async () => {
    await made("gone");
    const { code, stderr, file } = await edit("edit cm gone", async (text) => {
      await navctl("delete cm gone");
      return text.replace('"1"', '"2"');
    });
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr:
        'error: configmaps "gone" could not be found on the server\nThe edits you made on deleted resources have been saved to "FILE"\n',
    });
    expect(existsSync(file)).toBe(true);
  });
  it("an empty file is no change, and JSON comes without comments", async () => {
    await made("empty");
    const { code, stderr, seen } = await edit("edit cm empty -o json", () => "");
    expect({ code, stderr }).toEqual({ code: 0, stderr: "Edit cancelled, no changes made.\n" });
    expect(seen[0]).toMatch(/^\{/);
  });
  it("shows a subresource as it is, and changes the object through it", async () => {
    await navctl("create deployment scaled --image=web");
    const { code, stdout, stderr, seen } = await edit("edit deploy scaled --subresource=scale", (text) =>
      text.replace("replicas: 1", "replicas: 3"),
    );
    expect(seen[0]).toContain("apiVersion: autoscaling/v1\nkind: Scale\n");
    expect({ code, stdout, stderr }).toEqual({ code: 0, stdout: "deployment.apps/scaled edited\n", stderr: "" });
    expect((await navctl("get deploy scaled -o jsonpath={.spec.replicas}")).stdout).toBe("3");
    expect((await edit("edit deploy scaled --subresource=nothing", same)).stderr).toBe(
      "Error from server (NotFound): the server could not find the requested resource\n",
    );
  });
});
