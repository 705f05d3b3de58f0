import { readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
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
const withoutAges = (text: string): string => text.replaceAll(/\b\d+(m\d+)?s\b/g, "AGE");

const deployment = (name: string, replicas: number, more = ""): string => `
apiVersion: apps/v1
kind: Deployment
metadata: {name: ${name}, labels: {app: ${name}}}
spec:
  replicas: ${replicas}
  selector: {matchLabels: {app: ${name}}}
  template:
    metadata: {labels: {app: ${name}}}
    spec:
      containers:
      - {name: web, image: "web:1"}
${more}`;

describe("apply", () => {
  it("creates, leaves alone, changes, and takes away what the file no longer says", async () => {
    const first = deployment("app", 2, "      - {name: side, image: side}\n");
    expect(await ok("apply -f -", { stdin: first })).toBe("deployment.apps/app created\n");
    expect(await ok("apply -f -", { stdin: first })).toBe("deployment.apps/app unchanged\n");
    expect(await ok("apply -f -", { stdin: deployment("app", 3) })).toBe("deployment.apps/app configured\n");
    expect(await ok("get deploy app -o jsonpath={.spec.replicas}:{.spec.template.spec.containers[*].name}")).toBe(
      "3:web",
    );
  });
  it("keeps what others manage", async () => {
    await ok("apply -f -", { stdin: deployment("shared", 1) });
    await ok("label deploy shared owner=me");
    await ok("apply -f -", { stdin: deployment("shared", 2) });
    expect(await ok("get deploy shared -o jsonpath={.metadata.labels.owner}{.spec.replicas}")).toBe("me2");
  });
  it("writes nothing with a dry run", async () => {
    expect(await ok("apply -f - --dry-run=client", { stdin: deployment("dry", 1) })).toBe(
      "deployment.apps/dry created (dry run)\n",
    );
    expect(await ok("apply -f - --dry-run=server", { stdin: deployment("dry", 1) })).toBe(
      "deployment.apps/dry created (server dry run)\n",
    );
    expect((await navctl("get deploy dry")).stderr).toBe(
      'Error from server (NotFound): deployments.apps "dry" not found\n',
    );
  });
  it("goes through files and folders, and reports each failure while doing the rest", async () => {
    const file = join(api.dir, "two.yaml");
    writeFileSync(
      file,
      "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: good}\n---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: Bad_}\n",
    );
    const { code, stdout, stderr } = await navctl("apply -f two.yaml");
    expect([code, stdout]).toEqual([1, "configmap/good created\n"]);
    expect(stderr).toContain('The ConfigMap "Bad_" is invalid: metadata.name: Invalid value: "Bad_"');
  });
  it("names the field that was meant", async () => {
    const { code, stderr } = await navctl("apply -f -", {
      stdin: deployment("typo", 1).replace("replicas", "replicsa"),
    });
    expect(code).toBe(1);
    expect(stderr).toContain('unknown field "spec.replicsa"');
    expect(stderr).toContain('did you mean "spec.replicas"?\n');
  });
  it.each([
    ["a: [", "error: error parsing STDIN: error converting YAML to JSON: yaml:"],
    ["apiVersion: v9\nkind: Foo\nmetadata: {name: x}", 'no matches for kind "Foo" in version "v9"'],
    ["apiVersion: apps/v1\nkind: Deploymnt\nmetadata: {name: x}", 'did you mean "Deployment"?'],
    ["kind: Foo", "error validating data: apiVersion not set;"],
    ["[1, 2]", "error validating data: invalid object to validate;"],
    ["", "error: no objects passed to apply"],
  ])("refuses %j", async (stdin, message) => {
    const { code, stdout, stderr } = await navctl("apply -f -", { stdin });
    expect([code, stdout]).toEqual([1, ""]);
    expect(stderr).toContain(message);
  });
});

describe("get", () => {
  beforeAll(async () => {
    await navctl("create namespace show");
    for (const name of ["a", "b"]) await navctl(`create configmap ${name} -n show --from-literal=k=${name}`);
    await navctl("label cm a -n show tier=front");
  });
  it("prints the server's tables", async () => {
    const table = withoutAges(await ok("get cm -n show --no-headers"));
    expect(table).toContain("a     1     AGE\nb     1     AGE\n");
    expect(withoutAges(await ok("get cm a b -n show -L tier"))).toBe(
      "NAME   DATA   AGE   TIER\na      1      AGE    front\nb      1      AGE    \n",
    );
    expect(withoutAges(await ok("get cm -A -l tier=front --show-labels"))).toBe(
      "NAMESPACE   NAME   DATA   AGE   LABELS\nshow        a      1      AGE    tier=front\n",
    );
    expect(withoutAges(await ok("get cm/a sa/x -n show --ignore-not-found"))).toBe(
      "NAME   DATA   AGE\na      1      AGE\n",
    );
  });
  it("says when there is nothing", async () => {
    expect(await navctl("get pods")).toEqual({
      code: 0,
      stdout: "",
      stderr: "No resources found in default namespace.\n",
    });
    expect(await navctl("get pods -A")).toEqual({ code: 0, stdout: "", stderr: "No resources found\n" });
    expect(await ok("get pods -o name")).toBe("");
    expect(JSON.parse(await ok("get pods -o json"))).toEqual({
      apiVersion: "v1",
      items: [],
      kind: "List",
      metadata: { resourceVersion: "" },
    });
  });
  it("prints objects in every form", async () => {
    expect(await ok("get cm a b -n show -o name")).toBe("configmap/a\nconfigmap/b\n");
    expect(await ok("get cm a -n show -o jsonpath={.data.k}")).toBe("a");
    expect(JSON.parse(await ok("get cm a -n show -o json")).data).toEqual({ k: "a" });
    expect(await ok("get cm a -n show -o yaml")).toContain(
      "apiVersion: v1\ndata:\n  k: a\nkind: ConfigMap\nmetadata:\n",
    );
    expect(await ok("get cm a b -n show -o custom-columns=N:.metadata.name,V:.data.k")).toBe(
      "N     V\na     a\nb     b\n",
    );
    expect(await ok("get cm -n show --sort-by=.metadata.creationTimestamp -o name")).toContain(
      "configmap/a\nconfigmap/b\n",
    );
  });
  it("shows what it finds and reports the rest", async () => {
    const { code, stdout, stderr } = await navctl("get cm a nope -n show --no-headers");
    expect([code, withoutAges(stdout)]).toEqual([1, "a     1     AGE\n"]);
    expect(stderr).toBe('Error from server (NotFound): configmaps "nope" not found\n');
  });
  it("suggests the kind that was meant", async () => {
    expect((await navctl("get podz")).stderr).toBe(
      'error: the server doesn\'t have a resource type "podz"\ndid you mean "pods"?\n',
    );
  });
  it("follows changes until it is told to stop", async () => {
    const stop = new AbortController();
    let seen = "";
    const watching = navctl("get cm -n show -l live=yes -o name -w", {
      signal: stop.signal,
      onOutput: (text) => {
        seen += text;
        if (seen.includes("late")) stop.abort();
      },
    });
    await navctl("create configmap late -n show");
    await navctl("label cm late -n show live=yes");
    await watching;
    expect(seen).toBe("configmap/late\n");
  });
  it("keeps what it learnt of the server for itself alone, for a while", async () => {
    const folder = join(api.dir, ".cache", "navctl");
    const [file = ""] = readdirSync(folder);
    expect(statSync(join(folder, file)).mode & 0o777).toBe(0o600);
    writeFileSync(join(folder, file), "{ broken");
    expect(await ok("get cm a -n show -o name")).toBe("configmap/a\n");
    expect(JSON.parse(readFileSync(join(folder, file), "utf8")).resources.length).toBeGreaterThan(20);
  });
});

describe("changes", () => {
  beforeAll(() => navctl("apply -f -", { stdin: deployment("web", 2) }));

  it("label and annotate", async () => {
    expect(await ok("label deploy web a=b")).toBe("deployment.apps/web labeled\n");
    expect((await navctl("label deploy web a=c")).stderr).toBe(
      "error: 'a' already has a value (b), and --overwrite is false\n",
    );
    expect(await ok("label deploy web a=c --overwrite")).toBe("deployment.apps/web labeled\n");
    expect(await ok("label deploy web a=c")).toBe("deployment.apps/web not labeled\n");
    expect(await ok("label deploy web a- zz-")).toBe('label "zz" not found.\ndeployment.apps/web unlabeled\n');
    expect(await ok("annotate deploy web note=x")).toBe("deployment.apps/web annotated\n");
  });
  it("scale, under a condition too", async () => {
    expect(await ok("scale deploy web --replicas=5")).toBe("deployment.apps/web scaled\n");
    expect((await navctl("scale deploy web --replicas=1 --current-replicas=7")).stderr).toBe(
      "error: Expected replicas to be 7, was 5\n",
    );
    expect(await ok("get deploy web -o jsonpath={.spec.replicas}")).toBe("5");
    expect((await navctl("scale cm x --replicas=1")).code).toBe(1);
  });
  it("patch, in each form", async () => {
    expect(await ok('patch deploy web -p {"spec":{"paused":true}}')).toBe("deployment.apps/web patched\n");
    expect(await ok('patch deploy web -p {"spec":{"paused":true}}')).toBe("deployment.apps/web patched (no change)\n");
    expect(await ok('patch deploy web --type=merge -p {"spec":{"paused":null}}')).toBe("deployment.apps/web patched\n");
    expect(await ok('patch deploy web --type=json -p [{"op":"replace","path":"/spec/replicas","value":1}]')).toBe(
      "deployment.apps/web patched\n",
    );
    expect((await navctl("patch deploy web --type=odd -p {}")).code).toBe(1);
  });
  it("set image and environment", async () => {
    expect(await ok("set image deploy/web web=web:2")).toBe("deployment.apps/web image updated\n");
    expect(await ok("set image deploy/web web=web:2")).toBe("");
    expect(await ok("set env deploy/web A=1 B=2")).toBe("deployment.apps/web env updated\n");
    expect(await ok("set env deploy/web A-")).toBe("deployment.apps/web env updated\n");
    expect(await ok("set env deploy/web --list")).toBe("# Deployment web, container web\nB=2\n");
    expect(await ok("get deploy web -o jsonpath={.spec.template.spec.containers[0].image}")).toBe("web:2");
  });
  it("edit: the least patch, or nothing", async () => {
    const edited = await ok("edit deploy web", {
      runEditor: async (_, file) => {
        writeFileSync(file, readFileSync(file, "utf8").replace("replicas: 1", "replicas: 4"));
        return 0;
      },
    });
    expect(edited).toBe("deployment.apps/web edited\n");
    expect(await navctl("edit deploy web", { runEditor: async () => 0 })).toEqual({
      code: 0,
      stdout: "",
      stderr: "Edit cancelled, no changes made.\n",
    });
    expect(await ok("get deploy web -o jsonpath={.spec.replicas}")).toBe("4");
  });
  it("pause, resume and restart a roll-out", async () => {
    expect(await ok("rollout pause deploy/web")).toBe("deployment.apps/web paused\n");
    expect((await navctl("rollout pause deploy/web")).stderr).toBe('error: deployments.apps "web" is already paused\n');
    expect((await navctl("rollout restart deploy/web")).stderr).toContain("can't restart paused deployment");
    expect(await ok("rollout resume deploy/web")).toBe("deployment.apps/web resumed\n");
    expect(await ok("rollout restart deploy/web")).toBe("deployment.apps/web restarted\n");
    expect((await navctl("rollout status deploy/web --timeout=100ms")).stderr).toBe(
      "error: timed out waiting for the condition\n",
    );
    expect((await navctl("rollout undo deploy/web")).stderr).toBe(
      'error: no rollout history found for deployment "web"\n',
    );
  });
  it("replace, also by force", async () => {
    expect(await ok("replace -f -", { stdin: deployment("web", 1) })).toBe("deployment.apps/web replaced\n");
    const uid = await ok("get deploy web -o jsonpath={.metadata.uid}");
    expect(await ok("replace --force -f -", { stdin: deployment("web", 1) })).toBe(
      'deployment.apps "web" deleted\ndeployment.apps/web replaced\n',
    );
    expect(await ok("get deploy web -o jsonpath={.metadata.uid}")).not.toBe(uid);
  });
  it("delete: by name, by selector, all, with exit code 1 for what is not there", async () => {
    for (const name of ["d1", "d2", "d3"]) await navctl(`create configmap ${name} -n show`);
    await ok("label cm d1 d2 -n show go=yes");
    expect(await ok("delete cm -n show -l go=yes")).toBe('configmap "d1" deleted\nconfigmap "d2" deleted\n');
    expect(await ok("delete cm/d3 -n show -o name")).toBe("configmap/d3\n");
    expect(await navctl("delete cm d3 -n show")).toEqual({
      code: 1,
      stdout: "",
      stderr: 'Error from server (NotFound): configmaps "d3" not found\n',
    });
    expect(await ok("delete cm d3 -n show --ignore-not-found")).toBe("");
    expect((await navctl("delete cm -n show")).stderr).toBe(
      "error: resource(s) were provided, but no name was specified\n",
    );
    expect((await navctl("delete cm x --now --grace-period=5")).code).toBe(1);
  });
  it("says which cluster it destroys in, where the kubeconfig was only found", async () => {
    await navctl("create configmap found");
    const { mkdirSync, copyFileSync, chmodSync } = await import("node:fs");
    mkdirSync(join(api.dir, ".navarch"));
    const local = join(api.dir, ".navarch", "kubeconfig");
    copyFileSync(api.kubeconfig, local);
    chmodSync(local, 0o600);
    const { code, stderr } = await navctl("delete cm found", { env: { HOME: api.dir } });
    expect([code, stderr]).toEqual([0, `cluster: ${api.url} (kubeconfig ${local})\n`]);
  });
});

describe("create", () => {
  it("makes objects from flags", async () => {
    const yaml = (line: string): Promise<string> =>
      ok(`create ${line} --dry-run=client -o jsonpath={.spec}{.data}{.rules}{.subjects}{.value}`);
    expect(await yaml("deployment d --image=team/web_app:1.2 --port=80")).toBe(
      '{"replicas":1,"selector":{"matchLabels":{"app":"d"}},"strategy":{},"template":{"metadata":{"labels":{"app":"d"}},"spec":{"containers":[{"image":"team/web_app:1.2","name":"web-app","ports":[{"containerPort":80}],"resources":{}}]}}}',
    );
    expect(await yaml("service nodeport s --tcp=80:http --node-port=30001")).toBe(
      '{"ports":[{"name":"80-http","nodePort":30001,"port":80,"protocol":"TCP","targetPort":"http"}],"selector":{"app":"s"},"type":"NodePort"}',
    );
    expect(await yaml("secret generic s --from-literal=a=b")).toBe('{"a":"Yg=="}');
    expect(await yaml("role r --verb=get,list --resource=pods,deployments,pods/log")).toBe(
      '[{"apiGroups":[""],"resources":["pods","pods/log"],"verbs":["get","list"]},{"apiGroups":["apps"],"resources":["deployments"],"verbs":["get","list"]}]',
    );
    expect(await yaml("rolebinding b --role=r --user=u --serviceaccount=ns:sa")).toBe(
      '[{"apiGroup":"rbac.authorization.k8s.io","kind":"User","name":"u"},{"kind":"ServiceAccount","name":"sa","namespace":"ns"}]',
    );
    expect(await yaml("priorityclass p --value=10")).toBe("10");
  });
  it("stores them, and reports what is there already", async () => {
    expect(await ok("create deployment made --image=x")).toBe("deployment.apps/made created\n");
    expect((await navctl("create deployment made --image=x")).stderr).toBe(
      'error: failed to create deployment: deployments.apps "made" already exists\n',
    );
    expect((await navctl("create -f -", { stdin: deployment("made", 1) })).stderr).toBe(
      'Error from server (AlreadyExists): error when creating "STDIN": deployments.apps "made" already exists\n',
    );
  });
});

describe("looking around", () => {
  it("describes objects with their events", async () => {
    const event = {
      apiVersion: "v1",
      kind: "Event",
      metadata: { name: "e1", namespace: "show" },
      involvedObject: { kind: "ConfigMap", name: "a", namespace: "show" },
      type: "Warning",
      reason: "Odd",
      message: "something is odd",
      count: 3,
      firstTimestamp: new Date(Date.now() - 60_000).toISOString().replace(/\.\d+/, ""),
      lastTimestamp: new Date().toISOString().replace(/\.\d+/, ""),
    };
    await ok("create -f -", { stdin: JSON.stringify(event) });
    const described = await ok("describe cm a -n show");
    expect(described).toContain(
      "Name:         a\nNamespace:    show\nLabels:       tier=front\nAnnotations:  <none>\n\nData\n====\nk:\n----\na\n",
    );
    expect((await ok("events -n show --for cm/a --no-headers")).replace(/^\d+s/, "")).toMatch(
      / \(x3 over \d+s\) +Warning +Odd +ConfigMap\/a +something is odd\n$/,
    );
    expect(await ok("describe deploy made")).toContain(
      "Replicas:               1 desired | 0 updated | 0 total | 0 available | 0 unavailable\n",
    );
    expect(await ok("describe ns show")).toContain("Status:       Active\n");
    expect(await ok("describe svc kubernetes")).toContain("Type:                     ClusterIP\n");
    const lease = {
      apiVersion: "coordination.k8s.io/v1",
      kind: "Lease",
      metadata: { name: "held", namespace: "show" },
    };
    await ok("create -f -", { stdin: JSON.stringify({ ...lease, spec: { holderIdentity: "me" } }) });
    const shown = await ok("describe lease held -n show");
    expect(shown).toContain("Kind:         Lease\n");
    expect(shown).toContain("  Holder Identity:  me\n");
  });
  it("asks what one may do", async () => {
    expect(await ok("auth can-i create pods")).toBe("yes\n");
    expect(await ok("auth whoami -o jsonpath={.status.userInfo.username}")).toBe("kubernetes-admin");
    const rights = (await ok("auth can-i --list")).split("\n");
    expect(rights[0]).toContain("Resources");
    expect(new Set(rights).size).toBe(rights.length);
  });
  it("lists kinds and versions", async () => {
    expect(await ok("api-versions")).toContain("apps/v1\n");
    expect(await ok("api-resources --api-group=apps --no-headers -o name")).toContain("deployments.apps\n");
    expect(await ok("version -o json")).toContain('"serverVersion"');
    expect(await ok("cluster-info")).toContain(`Kubernetes control plane is running at ${api.url}\n`);
  });
  it("waits for conditions", async () => {
    expect(await ok("wait --for=jsonpath={.data.k}=a cm/a -n show")).toBe("configmap/a condition met\n");
    expect((await navctl("wait --for=condition=Available deploy/made --timeout=200ms")).stderr).toBe(
      "error: timed out waiting for the condition on deployments/made\n",
    );
    const gone = ok("wait --for=delete cm/b -n show --timeout=10s");
    await navctl("delete cm b -n show");
    expect(await gone).toBe("configmap/b condition met\n");
  });
  it("issues tokens", async () => {
    await ok("create sa robot");
    expect((await ok("create token robot --duration=10m")).split(".")).toHaveLength(3);
  });
  it("colours only a terminal that wants it", async () => {
    const env = { HOME: api.dir, KUBECONFIG: api.kubeconfig };
    expect(await ok("cluster-info", { isTty: true, env })).toContain("\u001b[32mKubernetes control plane\u001b[39m");
    expect(await ok("cluster-info", { isTty: true, env: { ...env, NO_COLOR: "1" } })).not.toContain("\u001b");
  });
});

describe("get --watch", () => {
  it("ends with --request-timeout, and says what happened", async () => {
    await ok("create configmap seen");
    const { code, stdout, stderr } = await navctl(
      "get configmap seen -w --output-watch-events --request-timeout=1s --no-headers",
    );
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(withoutAges(stdout).replaceAll(/ +/g, " ")).toBe("ADDED seen 0 AGE\n");
    const watched = await ok("get configmap seen -w --output-watch-events --request-timeout=1s -o jsonpath={.type}");
    expect(watched).toBe("ADDED");
  });
});
