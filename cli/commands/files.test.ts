import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type HttpsApi, openHttpsApi } from "../../e2e/harness/https-api.js";
import { type CliOptions, type CliResult, runCli } from "../cli.test-kit.js";

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
const configMap = (name: string): string => `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: ${name}}\n`;
const odd = "apiVersion: odd/v1\nkind: Odd\nmetadata: {name: odd}\n";

describe("a dump of an object", () => {
  it("replaces the object by force", async () => {
    await ok("create configmap dumped --from-literal=a=b");
    const dump = await ok("get cm dumped -o yaml");
    expect(await ok("replace --force -f -", { stdin: dump })).toBe(
      'configmap "dumped" deleted\nconfigmap/dumped replaced\n',
    );
    expect(await ok("get cm dumped -o jsonpath={.data.a}")).toBe("b");
  });
  it("of a service that has its address takes its place too", async () => {
    await ok("create service nodeport held --tcp=80");
    const dump = await ok("get svc held -o yaml");
    expect(await ok("replace --force -f -", { stdin: dump })).toContain("service/held replaced\n");
  });
  it.each(["create", "apply"])("makes the object where there is none: %s", async (verb) => {
    await ok(`create configmap again-${verb}`);
    const dump = await ok(`get cm again-${verb} -o yaml`);
    await ok(`delete cm again-${verb}`);
    expect(await ok(`${verb} -f -`, { stdin: dump })).toBe(`configmap/again-${verb} created\n`);
  });
});

describe("replace --force", () => {
  it("leaves an object that could not be created again", async () => {
    await ok("create deployment kept --image=x");
    const dump = await ok("get deploy kept -o json");
    const { code, stdout, stderr } = await navctl("replace --force -f -", {
      stdin: dump.replace('"replicas": 1', '"replicas": -1'),
    });
    expect([code, stdout]).toEqual([1, ""]);
    expect(stderr).toContain('The Deployment "kept" is invalid: spec.replicas');
    expect(await ok("get deploy kept -o name")).toBe("deployment.apps/kept\n");
  });
});

describe("of several objects in files, one of an unknown kind", () => {
  const both = (name: string): string => `${odd}---\n${configMap(name)}`;
  const why = 'no matches for kind "Odd" in version "odd/v1"\n';

  it.each([
    ["create", "created"],
    ["apply", "unchanged"],
    ["replace", "replaced"],
    ["replace --force", "replaced"],
    ["delete", "deleted"],
  ])("%s does the others and fails", async (verb, done) => {
    if (verb === "apply") await navctl("apply -f -", { stdin: configMap("known") });
    const { code, stdout, stderr } = await navctl(`${verb} -f -`, { stdin: both("known") });
    expect(code).toBe(1);
    expect(stdout).toContain(done);
    expect(stderr).toContain(why);
  });
  it("does the other files of a folder, whatever is wrong with one", async () => {
    mkdirSync(join(api.dir, "folder"));
    writeFileSync(join(api.dir, "folder", "a.yaml"), "a: [");
    writeFileSync(join(api.dir, "folder", "b.yaml"), "kind: NoVersion\n");
    writeFileSync(join(api.dir, "folder", "c.yaml"), configMap("in-folder"));
    const { code, stdout, stderr } = await navctl("apply -f folder");
    expect([code, stdout]).toEqual([1, "configmap/in-folder created\n"]);
    expect(stderr).toContain("error parsing folder/a.yaml");
    expect(stderr).toContain("apiVersion not set");
    expect((await navctl("get -f folder")).stdout).toContain("in-folder");
  });
});

describe("get", () => {
  it("of a subresource is of one object, with its age", async () => {
    await ok("create deployment sub --image=x");
    expect((await ok("get deploy sub --subresource=scale")).replace(/\d+s/, "AGE")).toBe(
      "NAME   DESIRED   AVAILABLE   AGE\nsub    1         0           AGE\n",
    );
    expect((await navctl("get deploy --subresource=status")).stderr).toBe(
      "error: subresource cannot be used when bulk resources are specified\n",
    );
  });
  it("sorted by what no object has fails", async () => {
    expect(await navctl("get ns --sort-by=.nope")).toEqual({
      code: 1,
      stdout: "",
      stderr: 'error: couldn\'t find any field with path "{.nope}" in the list of objects\n',
    });
  });
  it("of a kind that is not served suggests close misspellings only", async () => {
    expect((await navctl("get joys")).stderr).not.toContain("pods");
    expect((await navctl("get cc")).stderr).toBe('error: the server doesn\'t have a resource type "cc"\n');
    expect((await navctl("get podz")).stderr).toContain('did you mean "pods"?');
  });
});

describe("label --list", () => {
  it("names the objects where there are several", async () => {
    await ok("create ns listed");
    await ok("create configmap one -n listed");
    await ok("create configmap two -n listed");
    await ok("label cm one -n listed a=b");
    expect(await ok("label cm one -n listed --list")).toBe("a=b\n");
    expect(await ok("label cm one two -n listed --list")).toBe(
      "Listing labels for ConfigMap./one:\n a=b\nListing labels for ConfigMap./two:\n",
    );
  });
});

describe("set", () => {
  const get = (what: string, path: string): Promise<string> => ok(`get ${what} -o jsonpath=${path}`);

  it("resources and service account of pods", async () => {
    await ok("create deployment sized --image=web");
    const line = "set resources deploy/sized --limits=cpu=200m,memory=1Gi --requests=cpu=100m";
    expect(await ok(line)).toBe("deployment.apps/sized resource requirements updated\n");
    expect(await ok(line)).toBe("");
    await ok("set resources deploy/sized --limits=memory=0");
    expect(await get("deploy sized", "{.spec.template.spec.containers[0].resources}")).toBe(
      '{"limits":{"cpu":"200m"},"requests":{"cpu":"100m"}}',
    );
    expect((await navctl("set resources deploy/sized -c nope --limits=cpu=1")).stderr).toBe(
      "error: unable to find container named nope\n",
    );
    expect((await navctl("set resources deploy/sized --limits=cpu=abc")).code).toBe(1);
    expect(await ok("set sa deploy/sized robot")).toBe("deployment.apps/sized serviceaccount updated\n");
    expect(await get("deploy sized", "{.spec.template.spec.serviceAccountName}")).toBe("robot");
  });
  it("the selector of a service", async () => {
    await ok("create service clusterip chosen --tcp=80");
    expect(await ok("set selector svc/chosen a=b,c=d")).toBe("service/chosen selector updated\n");
    expect(await get("svc chosen", "{.spec.selector}")).toBe('{"a":"b","c":"d"}');
    expect((await navctl("set selector deploy/sized a=b")).code).toBe(1);
  });
  it("subjects of a role binding, each once", async () => {
    await ok("create rolebinding rb --clusterrole=view --user=u1");
    expect(await ok("set subject rolebinding rb --user=u2 --serviceaccount=ns:sa")).toBe(
      "rolebinding.rbac.authorization.k8s.io/rb subjects updated\n",
    );
    expect(await ok("set subject rolebinding rb --user=u2")).toBe("");
    expect(await get("rolebinding rb", "{.subjects[*].name}")).toBe("u1 u2 sa");
    expect((await navctl("set subject rolebinding rb")).stderr).toBe(
      "error: you must specify at least one value of user, group or serviceaccount\n",
    );
  });
});

describe("of several names, one that does not exist", () => {
  it("keeps the others from nothing", async () => {
    await ok("create configmap there");
    const { code, stdout, stderr } = await navctl("label cm there missing a=b");
    expect([code, stdout]).toEqual([1, "configmap/there labeled\n"]);
    expect(stderr).toBe('Error from server (NotFound): configmaps "missing" not found\n');
  });
});

describe("what is no object", () => {
  const inFile = (name: string, text: string): void => writeFileSync(join(api.dir, name), text);
  it.each(["apply", "create", "replace"])("is told of before anything is sent: %s", async (verb) => {
    inFile("none.yaml", "metadata: {name: a}\n");
    inFile("half.yaml", "kind: ConfigMap\nmetadata: {name: a}\n");
    const off = "; if you choose to ignore these errors, turn validation off with --validate=false\n";
    expect(await navctl(`${verb} -f none.yaml`)).toMatchObject({
      code: 1,
      stderr: `error: error validating "none.yaml": error validating data: [apiVersion not set, kind not set]${off}`,
    });
    expect((await navctl(`${verb} -f half.yaml`)).stderr).toBe(
      `error: error validating "half.yaml": error validating data: apiVersion not set${off}`,
    );
    expect((await navctl(`${verb} -f none.yaml --validate=false`)).stderr).toBe(
      'error: unable to decode "none.yaml": Object \'Kind\' is missing in \'{"metadata":{"name":"a"}}\'\n',
    );
  });
  it.each([
    ['{"a": 1', "unexpected EOF"],
    ['{"a": 1 "b": 2}', "json: invalid character '\"' after object key:value pair"],
    ["{a: [1}", "json: invalid character 'a' looking for beginning of object key string"],
  ])("begun like JSON it is called JSON: %s", async (text, why) => {
    inFile("broken.json", text);
    expect((await navctl("apply -f broken.json")).stderr).toBe(`error: error parsing broken.json: ${why}\n`);
  });
});

it("apply asks for no object without a name", async () => {
  const { code, stdout, stderr } = await navctl("apply -f -", { stdin: "apiVersion: v1\nkind: ConfigMap\n" });
  expect([code, stdout]).toEqual([1, ""]);
  expect(stderr).toMatch(
    /^error: error when retrieving current configuration of:\n(.*\n)*.*: resource name may not be empty\n$/,
  );
});

describe("a deployment, by its names", () => {
  it("has no kind before its name where nothing else was found", async () => {
    await ok("create deployment alone --image=web:1");
    await ok("create configmap beside");
    const { code, stdout } = await navctl("get pod/alone deploy/alone --no-headers");
    expect({ code, stdout }).toEqual({ code: 1, stdout: expect.stringMatching(/^alone /) });
    expect((await navctl("get cm/beside deploy/alone --no-headers")).stdout).toMatch(/^deployment\.apps\/alone /m);
  });
  it.each([
    ["deploy/alone web", /^error: there is no need to specify a resource type as a separate argument/],
    ["deploy/alone web=a:1 late", /^error: all resources must be specified before image changes: late\n$/],
    ["deploy/alone", /^error: at least one image update is required\n$/],
    ["web=1", /^error: You must provide one or more resources by argument or filename\.\n/],
  ])("set image %s", async (words, message) => {
    expect(await navctl(`set image ${words}`)).toMatchObject({ code: 1, stderr: expect.stringMatching(message) });
  });
});
