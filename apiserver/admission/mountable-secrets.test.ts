import type { Pod } from "../../api/core/pod/pod.js";
import type { ServiceAccount } from "../../api/core/service-account.js";
import type { Identity } from "../../base/tls.js";
import { call, type Reply, startTestServer, type TestServer } from "../apiserver.test-kit.js";
import { notMountable } from "./mountable-secrets.js";

const annotation = "kubernetes.io/enforce-mountable-secrets";
const accountWith = (enforced: string | undefined): ServiceAccount =>
  ({
    metadata: { name: "strict", ...(enforced === undefined ? {} : { annotations: { [annotation]: enforced } }) },
    secrets: [{ name: "mine" }],
    imagePullSecrets: [{ name: "puller" }],
  }) as object as ServiceAccount;
const strict = accountWith("true");
const podOf = (spec: object): Pod =>
  ({ metadata: { name: "p" }, spec: { containers: [{ name: "c" }], ...spec } }) as object as Pod;

const env = (name: string) => [{ name: "E", valueFrom: { secretKeyRef: { name, key: "k" } } }];
const all = (secret: string, pull: string): object => ({
  volumes: [
    { name: "v", secret: { secretName: secret } },
    { name: "e", emptyDir: {} },
  ],
  initContainers: [
    { name: "i", env: env(secret), envFrom: [{ secretRef: { name: secret } }, { configMapRef: { name: "m" } }] },
  ],
  containers: [
    { name: "c", env: [{ name: "X", value: "x" }, ...env(secret)], envFrom: [{ secretRef: { name: secret } }] },
  ],
  ephemeralContainers: [{ name: "d", env: env(secret) }],
  imagePullSecrets: [{ name: pull }],
});
const because = "is not allowed because service account strict does not reference that";

describe("a pod of an account that enforces its secrets", () => {
  it("uses those that the account names", () => {
    expect(notMountable(podOf(all("mine", "puller")), strict, false)).toBeUndefined();
    expect(notMountable(podOf(all("mine", "puller")), strict, true)).toBeUndefined();
  });

  it.each<readonly [string, object, string]>([
    [
      "a volume",
      { volumes: [{ name: "v", secret: { secretName: "s" } }] },
      `volume with secret.secretName="s" ${because} secret`,
    ],
    [
      "a variable",
      { containers: [{ name: "c", env: env("s") }] },
      `container c with envVar E referencing secret.secretName="s" ${because} secret`,
    ],
    [
      "all variables",
      { containers: [{ name: "c", envFrom: [{ secretRef: { name: "s" } }] }] },
      `container c with envFrom referencing secret.secretName="s" ${because} secret`,
    ],
    [
      "an init container's variable",
      { initContainers: [{ name: "i", env: env("s") }] },
      `init container i with envVar E referencing secret.secretName="s" ${because} secret`,
    ],
    [
      "an image's secret",
      { imagePullSecrets: [{ name: "puller" }, { name: "s" }] },
      `imagePullSecrets[1].name="s" ${because} imagePullSecret`,
    ],
  ])("uses no other: %s", (_, spec, why) => expect(notMountable(podOf(spec), strict, false)).toBe(why));

  it("gets no ephemeral container that does", () => {
    const pod = podOf({
      ephemeralContainers: [{ name: "d", env: env("s") }],
      volumes: [{ name: "v", secret: { secretName: "s" } }],
    });
    expect(notMountable(pod, strict, true)).toBe(
      `ephemeral container d with envVar E referencing secret.secretName="s" ${because} secret`,
    );
  });

  it.each([undefined, "false", "yes", ""])("is none where the annotation is %p", (enforced) => {
    expect(notMountable(podOf(all("s", "s")), accountWith(enforced), false)).toBeUndefined();
  });
});

describe("the API server", () => {
  let test: TestServer;
  let admin: Identity;
  beforeAll(async () => {
    test = await startTestServer();
    admin = await test.identity({ user: "admin", groups: ["system:masters"] });
    await ask("POST", "/api/v1/namespaces", { metadata: { name: "default" } });
  });
  afterAll(() => test?.stop());
  const ask = (method: string, path: string, body: unknown): Promise<Reply> =>
    call(test, method, path, { as: admin, body });
  const core = "/api/v1/namespaces/default";

  it("refuses such pods, and tells who writes the annotation that it is on its way out", async () => {
    const account = {
      metadata: { name: "strict", annotations: { [annotation]: "true" } },
      secrets: [{ name: "mine" }],
    };
    const made = await ask("POST", `${core}/serviceaccounts`, account);
    expect(made.headers.warning).toContain(`metadata.annotations[${annotation}]: deprecated in v1.32+`);
    const again = await ask("PUT", `${core}/serviceaccounts/strict`, {
      ...account,
      automountServiceAccountToken: false,
    });
    expect(again.status).toBe(200);
    expect(again.headers.warning).toBeUndefined();
    const pod = (name: string, secret: string) => ({
      metadata: { name },
      spec: { serviceAccountName: "strict", containers: [{ name: "c", image: "x", env: env(secret) }] },
    });
    expect((await ask("POST", `${core}/pods`, pod("other", "s"))).body).toMatchObject({
      code: 403,
      message: `pods "other" is forbidden: container c with envVar E referencing secret.secretName="s" ${because} secret`,
    });
    expect((await ask("POST", `${core}/pods`, pod("own", "mine"))).status).toBe(201);
    const own = (await ask("GET", `${core}/pods/own`, undefined)).body;
    const debug = { name: "d", image: "x", env: env("s") };
    const added = { ...own, spec: { ...own.spec, ephemeralContainers: [debug] } };
    expect((await ask("PUT", `${core}/pods/own/ephemeralcontainers`, added)).body).toMatchObject({
      code: 403,
      message: expect.stringContaining("ephemeral container d with envVar E"),
    });
  });
});
