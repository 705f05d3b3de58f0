import type { Pod } from "../../api/core/pod/pod.js";
import type { Identity } from "../../base/tls.js";
import { call, type Reply, startTestServer, type TestServer } from "../apiserver.test-kit.js";
import { withTolerations } from "./default-toleration-seconds.js";
import { changedNodeLabels, forbiddenLabel } from "./node-labels.js";
import { withServiceAccount } from "./service-account.js";

let test: TestServer;
let admin: Identity;
beforeAll(async () => {
  test = await startTestServer({ tolerations: { notReadySeconds: 7, unreachableSeconds: 8 } });
  admin = await test.identity({ user: "admin", groups: ["system:masters"] });
  await call(test, "POST", "/api/v1/namespaces/default/serviceaccounts", {
    as: admin,
    body: { metadata: { name: "default" } },
  });
});
afterAll(() => test.stop());

const ask = (method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<Reply> =>
  call(test, method, path, { as: admin, body, headers });
const pods = "/api/v1/namespaces/default/pods";
const classes = "/apis/scheduling.k8s.io/v1/priorityclasses";
const podNamed = (name: string, spec: object = {}) => ({
  metadata: { name },
  spec: { containers: [{ name: "c", image: "x" }], ...spec },
});
const bare = (spec: Partial<Pod["spec"]>): Pod =>
  ({ apiVersion: "v1", kind: "Pod", metadata: { name: "p" }, spec: { containers: [{ name: "c" }], ...spec } }) as Pod;

describe("NamespaceLifecycle", () => {
  it("wants the namespace to exist", async () => {
    expect((await ask("POST", "/api/v1/namespaces/none/configmaps", { metadata: { name: "x" } })).body).toMatchObject({
      message: 'namespaces "none" not found',
      reason: "NotFound",
      code: 404,
    });
  });

  it("takes nothing new where the end has begun", async () => {
    await ask("POST", "/api/v1/namespaces", { metadata: { name: "ending" } });
    await ask("POST", "/api/v1/namespaces/ending/configmaps", { metadata: { name: "old" } });
    await ask("DELETE", "/api/v1/namespaces/ending");
    expect((await ask("POST", "/api/v1/namespaces/ending/configmaps", { metadata: { name: "x" } })).body).toMatchObject(
      {
        message:
          'configmaps "x" is forbidden: unable to create new content in namespace ending because it is being terminated',
        reason: "Forbidden",
        details: {
          causes: [
            {
              reason: "NamespaceTerminating",
              message: "namespace ending is being terminated",
              field: "metadata.namespace",
            },
          ],
        },
      },
    );
    const merge = { "content-type": "application/merge-patch+json" };
    expect((await ask("PATCH", "/api/v1/namespaces/ending/configmaps/old", { data: { a: "b" } }, merge)).status).toBe(
      200,
    );
    expect((await ask("DELETE", "/api/v1/namespaces/ending/configmaps/old")).status).toBe(200);
  });

  it.each(["default", "kube-system", "kube-public"])("keeps %s", async (name) => {
    expect((await ask("DELETE", `/api/v1/namespaces/${name}`)).body).toMatchObject({
      message: `namespaces "${name}" is forbidden: this namespace may not be deleted`,
      code: 403,
    });
  });
});

describe("ServiceAccount", () => {
  it("gives a pod the default account and its token", async () => {
    const { body } = await ask("POST", pods, podNamed("with-token", { initContainers: [{ name: "i", image: "x" }] }));
    expect(body.spec).toMatchObject({ serviceAccountName: "default", serviceAccount: "default" });
    const [volume] = body.spec.volumes;
    expect(volume.name).toMatch(/^kube-api-access-[a-z0-9]{5}$/);
    expect(volume.projected).toEqual({
      defaultMode: 420,
      sources: [
        { serviceAccountToken: { expirationSeconds: 3607, path: "token" } },
        { configMap: { name: "kube-root-ca.crt", items: [{ key: "ca.crt", path: "ca.crt" }] } },
        {
          downwardAPI: {
            items: [{ path: "namespace", fieldRef: { apiVersion: "v1", fieldPath: "metadata.namespace" } }],
          },
        },
      ],
    });
    const mount = { name: volume.name, readOnly: true, mountPath: "/var/run/secrets/kubernetes.io/serviceaccount" };
    for (const container of [...body.spec.containers, ...body.spec.initContainers])
      expect(container.volumeMounts).toEqual([mount]);
  });

  it("refuses an account that does not exist, by the name that the pod will have", async () => {
    const pod = { ...podNamed("", { serviceAccountName: "none" }), metadata: { generateName: "web-" } };
    expect((await ask("POST", pods, pod)).body.message).toBe(
      'pods "web-" is forbidden: error looking up service account default/none: serviceaccount "none" not found',
    );
  });

  it.each<[string, Partial<Pod["spec"]>, object, boolean]>([
    ["both silent", {}, {}, true],
    ["the account says no", {}, { automountServiceAccountToken: false }, false],
    ["the pod says no", { automountServiceAccountToken: false }, {}, false],
    [
      "the pod says yes, the account no",
      { automountServiceAccountToken: true },
      { automountServiceAccountToken: false },
      true,
    ],
  ])("mounts a token: %s", (_title, spec, account, expected) => {
    const pod = withServiceAccount(bare(spec), "sa", account, () => "kube-api-access-abcde");
    expect(pod.spec.volumes?.length ?? 0).toBe(expected ? 1 : 0);
  });

  it("leaves a container alone that has something mounted there", () => {
    const mountPath = "/var/run/secrets/kubernetes.io/serviceaccount";
    const own = bare({ containers: [{ name: "c", volumeMounts: [{ name: "v", mountPath }] }] as never });
    expect(withServiceAccount(own, "sa", {}, () => "x").spec).toMatchObject({ containers: own.spec.containers });
    expect(withServiceAccount(own, "sa", {}, () => "x").spec.volumes).toBeUndefined();
  });

  it("brings the account's pull secrets to a pod without any", () => {
    const account = { imagePullSecrets: [{ name: "theirs" }] };
    expect(withServiceAccount(bare({}), "sa", account, () => "x").spec.imagePullSecrets).toEqual([{ name: "theirs" }]);
    const own = bare({ imagePullSecrets: [{ name: "own" }] });
    expect(withServiceAccount(own, "sa", account, () => "x").spec.imagePullSecrets).toEqual([{ name: "own" }]);
  });
});

describe("DefaultTolerationSeconds", () => {
  const keys = (pod: Pod) => pod.spec.tolerations?.map(({ key, tolerationSeconds }) => `${key}=${tolerationSeconds}`);
  const defaults = { notReadySeconds: 300, unreachableSeconds: 300 };
  const [notReady, unreachable] = ["node.kubernetes.io/not-ready=300", "node.kubernetes.io/unreachable=300"];
  it.each<[string, object[], string[]]>([
    ["none", [], [notReady ?? "", unreachable ?? ""]],
    [
      "one of them",
      [{ key: "node.kubernetes.io/not-ready", effect: "NoExecute", tolerationSeconds: 1 }],
      ["node.kubernetes.io/not-ready=1", unreachable ?? ""],
    ],
    ["everything", [{ operator: "Exists" }], ["undefined=undefined"]],
    [
      "another effect",
      [{ key: "node.kubernetes.io/not-ready", effect: "NoSchedule" }],
      ["node.kubernetes.io/not-ready=undefined", notReady ?? "", unreachable ?? ""],
    ],
  ])("adds what is not tolerated: %s", (_title, tolerations, expected) => {
    expect(keys(withTolerations(bare({ tolerations: tolerations as never }), defaults))).toEqual(expected);
  });

  it("takes its times from the server's options", async () => {
    const { body } = await ask("POST", pods, podNamed("tolerant"));
    expect(body.spec.tolerations.map((one: { tolerationSeconds: number }) => one.tolerationSeconds)).toEqual([7, 8]);
  });
});

describe("Priority", () => {
  it("works a pod's priority out from its class", async () => {
    expect((await ask("POST", pods, podNamed("plain"))).body.spec).toMatchObject({
      priority: 0,
      preemptionPolicy: "PreemptLowerPriority",
    });
    const critical = await ask("POST", pods, podNamed("critical", { priorityClassName: "system-node-critical" }));
    expect(critical.body.spec.priority).toBe(2_000_001_000);
    await ask("POST", classes, {
      metadata: { name: "calm" },
      value: 5,
      preemptionPolicy: "Never",
      globalDefault: true,
    });
    expect((await ask("POST", pods, podNamed("default"))).body.spec).toMatchObject({
      priority: 5,
      priorityClassName: "calm",
      preemptionPolicy: "Never",
    });
  });

  it.each<[string, object, string]>([
    ["an unknown class", { priorityClassName: "none" }, "no PriorityClass with name none was found"],
    [
      "a number of its own",
      { priority: 9, priorityClassName: "system-node-critical" },
      "the integer value of priority (9) must not be provided in pod spec; priority admission controller computed 2000001000 from the given PriorityClass name",
    ],
    [
      "a policy of its own",
      { preemptionPolicy: "Never", priorityClassName: "system-node-critical" },
      "the string value of PreemptionPolicy (Never) must not be provided in pod spec; priority admission controller computed PreemptLowerPriority from the given PriorityClass name",
    ],
  ])("refuses %s", async (_title, spec, message) => {
    expect((await ask("POST", pods, podNamed("refused", spec))).body).toMatchObject({
      message: `pods "refused" is forbidden: ${message}`,
      code: 403,
    });
  });

  it("lets one class alone be the default", async () => {
    const { body } = await ask("POST", classes, { metadata: { name: "second" }, value: 1, globalDefault: true });
    expect(body.message).toBe(
      'priorityclasses.scheduling.k8s.io "second" is forbidden: PriorityClass calm is already marked as globalDefault',
    );
  });
});

describe("TaintNodesByCondition", () => {
  it("keeps pods off a node that has just registered", async () => {
    const taints = async (name: string, spec: object) =>
      (await ask("POST", "/api/v1/nodes", { metadata: { name }, spec })).body.spec.taints;
    const notReady = { key: "node.kubernetes.io/not-ready", effect: "NoSchedule" };
    expect(await taints("n1", {})).toEqual([notReady]);
    expect(await taints("n2", { taints: [notReady] })).toEqual([notReady]);
    expect(await taints("n3", { taints: [{ key: "own", effect: "NoExecute" }] })).toHaveLength(2);
  });
});

describe("labels of nodes", () => {
  it.each<[string, boolean]>([
    ["plain", false],
    ["example.com/x", false],
    ["kubernetes.io/hostname", false],
    ["topology.kubernetes.io/zone", false],
    ["node.kubernetes.io/instance-type", false],
    ["x.kubelet.kubernetes.io/y", false],
    ["node-role.kubernetes.io/control-plane", true],
    ["node-restriction.kubernetes.io/x", true],
    ["x.node-restriction.kubernetes.io/y", true],
    ["kubernetes.io/made-up", true],
    ["x.k8s.io/y", true],
    ["notk8s.io/y", false],
  ])("%s is out of a node's reach: %s", (label, expected) => {
    expect(forbiddenLabel(label)).toBe(expected);
  });

  it("count as changed when added, changed or removed", () => {
    expect(changedNodeLabels({ a: "1", b: "1", c: "1" }, { a: "1", b: "2", d: "1" })).toEqual(["b", "c", "d"]);
  });
});
