import { type HttpsApi, openHttpsApi } from "../../../e2e/harness/https-api.js";
import { type CliOptions, type CliResult, runCli } from "../../cli.test-kit.js";

let api: HttpsApi;
beforeAll(async () => {
  api = await openHttpsApi();
});
afterAll(() => api.close());

const navctl = (line: string, options: CliOptions = {}): Promise<CliResult> =>
  runCli(line.split(" "), { cwd: api.dir, env: { HOME: api.dir, KUBECONFIG: api.kubeconfig }, ...options });
const ok = async (line: string, options?: CliOptions): Promise<string> => {
  const { code, stdout, stderr } = await navctl(line, options);
  expect({ line, code, stderr }).toEqual({ line, code: 0, stderr: "" });
  return stdout;
};

describe("rollout of what keeps its revisions in ControllerRevisions", () => {
  const kinds = [
    ["DaemonSet", "daemonset", ""],
    ["StatefulSet", "statefulset", "serviceName: x, replicas: 0, "],
  ] as const;
  it.each(kinds)("%s: lists them, shows one, goes back", async (kind, plain, more) => {
    const name = `old-${plain}`;
    const template = (image: string): string =>
      `{metadata: {labels: {app: ${name}}}, spec: {containers: [{name: main, image: "${image}"}]}}`;
    const workload = `
apiVersion: apps/v1
kind: ${kind}
metadata: {name: ${name}}
spec: {${more}selector: {matchLabels: {app: ${name}}}, template: ${template("web:2")}}
`;
    await navctl("create -f -", { stdin: workload });
    expect(await ok(`rollout history ${plain}/${name}`)).toBe(`${plain}.apps/${name} \nNo rollout history found.\n`);
    expect((await navctl(`rollout undo ${plain}/${name}`)).stderr).toBe("error: no last revision to roll back to\n");
    const uid = await ok(`get ${plain} ${name} -o jsonpath={.metadata.uid}`);
    const stored = await ok(`get ${plain} ${name} -o jsonpath={.spec.template}`);
    for (const number of [1, 2])
      await ok("create -f -", {
        stdin: `
apiVersion: apps/v1
kind: ControllerRevision
metadata:
  name: ${name}-${number}
  labels: {app: ${name}}
  annotations: {kubernetes.io/change-cause: "change ${number}"}
  ownerReferences: [{apiVersion: apps/v1, kind: ${kind}, name: ${name}, uid: ${uid}, controller: true}]
revision: ${number}
data: {spec: {template: {$patch: replace, ${stored.slice(1, -1).replace("web:2", `web:${number}`)}}}}
`,
      });
    expect(await ok(`rollout history ${plain}/${name}`)).toBe(
      `${plain}.apps/${name} \nREVISION  CHANGE-CAUSE\n1         change 1\n2         change 2\n\n`,
    );
    expect(await ok(`rollout history ${plain}/${name} --revision=1`)).toContain("Image:\tweb:1\n");
    expect((await navctl(`rollout history ${plain}/${name} --revision=7`)).stderr).toBe(
      "error: unable to find the specified revision\n",
    );
    expect((await navctl(`rollout undo ${plain}/${name} --to-revision=7`)).stderr).toBe(
      "error: unable to find specified revision 7 in history\n",
    );
    expect(await ok(`rollout undo ${plain}/${name} --dry-run=client`)).toContain("Image:\tweb:1\n");
    expect((await navctl(`rollout undo ${plain}/${name}`)).stdout).toBe(`${plain}.apps/${name} rolled back\n`);
    expect(await ok(`get ${plain} ${name} -o jsonpath={.spec.template.spec.containers[0].image}`)).toBe("web:1");
    expect((await navctl(`rollout undo ${plain}/${name}`)).stdout).toBe(
      `${plain}.apps/${name} skipped rollback (current template already matches revision 1)\n`,
    );
  });
});
