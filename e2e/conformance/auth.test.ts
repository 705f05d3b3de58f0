import { type Json, onApi } from "../harness/api-conformance.js";
import { supportsOperations } from "../harness/api-operations.js";

onApi("who may do what", (api) => {
  const reviews = "/apis/authorization.k8s.io/v1";

  it("SubjectReview should support SubjectReview API operations", async () => {
    const namespace = await api.namespace("subject");
    const name = "e2e";
    const accounts = `/api/v1/namespaces/${namespace}/serviceaccounts`;
    const { metadata } = await api.ok("POST", accounts, { metadata: { name } });
    const user = `system:serviceaccount:${namespace}:${name}`;
    const groups = ["system:authenticated", "system:serviceaccounts", `system:serviceaccounts:${namespace}`];
    const resourceAttributes = { verb: "list", resource: "configmaps", version: "v1", namespace };
    /** What the account is told of itself, and what it then may: the same. */
    const agree = async (expected: boolean): Promise<void> => {
      const spec = { user, groups, uid: metadata.uid, resourceAttributes };
      const review = await api.ok("POST", `${reviews}/subjectaccessreviews`, { spec });
      const impersonated = { "impersonate-user": user, "impersonate-uid": metadata.uid };
      const path = `/api/v1/namespaces/${namespace}/configmaps`;
      const { code } = await api.call("GET", path, undefined, { headers: impersonated });
      expect([review.status.allowed, code]).toEqual([expected, expected ? 200 : 403]);
      const local = `${reviews}/namespaces/${namespace}/localsubjectaccessreviews`;
      expect((await api.ok("POST", local, { metadata: { namespace }, spec })).status.allowed).toBe(expected);
    };
    await agree(false);
    await api.ok("POST", `/apis/rbac.authorization.k8s.io/v1/namespaces/${namespace}/rolebindings`, {
      metadata: { name },
      subjects: [{ kind: "ServiceAccount", name, namespace }],
      roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: "view" },
    });
    await agree(true);
  });

  it("ServiceAccounts should run through the lifecycle of a ServiceAccount", async () => {
    const namespace = await api.namespace("accounts");
    const path = `/api/v1/namespaces/${namespace}/serviceaccounts`;
    const watch = await api.watch(`${path}?labelSelector=${encodeURIComponent("test-serviceaccount-static=true")}`);
    const made = await api.ok("POST", path, {
      metadata: { name: "testserviceaccount", labels: { "test-serviceaccount-static": "true" } },
    });
    expect((await api.get(`${path}/testserviceaccount`)).metadata.uid).toBe(made.metadata.uid);
    const [added] = await watch.take(1);
    expect([added?.type, added?.object.metadata.uid]).toEqual(["ADDED", made.metadata.uid]);
    const body = { automountServiceAccountToken: false };
    await api.ok("PATCH", `${path}/testserviceaccount`, body, { type: "application/strategic-merge-patch+json" });
    const [, patched] = await watch.take(2);
    expect([patched?.type, patched?.object.automountServiceAccountToken]).toEqual(["MODIFIED", false]);
    const all = await api.get("/api/v1/serviceaccounts?labelSelector=test-serviceaccount-static%3Dtrue");
    const own = all.items.filter(({ metadata }: Json) => metadata.namespace === namespace);
    expect(own.map((account: Json) => [account.metadata.name, account.automountServiceAccountToken])).toEqual([
      ["testserviceaccount", false],
    ]);
    await api.ok("DELETE", `${path}?labelSelector=test-serviceaccount-static%3Dtrue`);
    const [, , deleted] = await watch.take(3);
    expect([deleted?.type, deleted?.object.metadata.uid]).toEqual(["DELETED", made.metadata.uid]);
    watch.stop();
  });

  it("ServiceAccounts should update a ServiceAccount", async () => {
    const namespace = await api.namespace("accounts");
    const path = `/api/v1/namespaces/${namespace}/serviceaccounts`;
    const name = api.name("e2e-sa");
    const made = await api.ok("POST", path, { metadata: { name }, automountServiceAccountToken: false });
    expect(made.automountServiceAccountToken).toBe(false);
    const updated = await api.ok("PUT", `${path}/${name}`, { ...made, automountServiceAccountToken: true });
    expect(updated.automountServiceAccountToken).toBe(true);
    expect((await api.get(`${path}/${name}`)).automountServiceAccountToken).toBe(true);
  });

  it("ServiceAccounts should guarantee kube-root-ca.crt exist in any namespace", async () => {
    const namespace = await api.namespace("root-ca");
    const path = `/api/v1/namespaces/${namespace}/configmaps/kube-root-ca.crt`;
    const isThere = async () => {
      const { code, body } = await api.call("GET", path);
      return code === 200 && (body.data["ca.crt"] ?? "").includes("BEGIN CERTIFICATE");
    };
    await api.until("the certificate is published", isThere);
    const { uid } = (await api.get(path)).metadata;
    await api.ok("DELETE", path);
    await api.until("it is published again", isThere);
    expect((await api.get(path)).metadata.uid).not.toBe(uid);
    const emptied = await api.ok("PUT", path, { metadata: { name: "kube-root-ca.crt" }, data: { "ca.crt": "" } });
    expect(emptied.data).toEqual({ "ca.crt": "" });
    await api.until("it is put right", isThere);
  });

  it("ServiceAccounts should create a serviceAccountToken and ensure a successful TokenReview", async () => {
    const namespace = await api.namespace("tokens");
    const path = `/api/v1/namespaces/${namespace}/serviceaccounts`;
    const name = api.name("e2e");
    const account = await api.ok("POST", path, { metadata: { name } });
    const request = await api.ok("POST", `${path}/${name}/token`, { spec: { expirationSeconds: 3600 } });
    const review = await api.ok("POST", "/apis/authentication.k8s.io/v1/tokenreviews", {
      spec: { token: request.status.token },
    });
    expect(review.status).toMatchObject({
      authenticated: true,
      user: {
        username: `system:serviceaccount:${namespace}:${name}`,
        uid: account.metadata.uid,
        groups: expect.arrayContaining([
          "system:authenticated",
          "system:serviceaccounts",
          `system:serviceaccounts:${namespace}`,
        ]),
      },
    });
    expect(review.status.error).toBeUndefined();
  });

  it("ServiceAccounts should allow opting out of API token automount", async () => {
    const namespace = await api.namespace("automount");
    const path = `/api/v1/namespaces/${namespace}`;
    const accounts = { default: undefined, mount: true, nomount: false } as const;
    for (const [name, automount] of Object.entries(accounts))
      await api.ok("POST", `${path}/serviceaccounts`, {
        metadata: { name: `${name}-sa` },
        ...(automount === undefined ? {} : { automountServiceAccountToken: automount }),
      });
    const mountPath = "/var/run/secrets/kubernetes.io/serviceaccount";
    const wanted = new Map<string, boolean>();
    for (const [account, spec, mounts] of [
      ["default-sa", undefined, true],
      ["default-sa", true, true],
      ["default-sa", false, false],
      ["mount-sa", undefined, true],
      ["mount-sa", true, true],
      ["mount-sa", false, false],
      ["nomount-sa", undefined, false],
      ["nomount-sa", true, true],
      ["nomount-sa", false, false],
    ] as const) {
      const pod = await api.ok("POST", `${path}/pods`, {
        metadata: { name: api.name("pod-service-account") },
        spec: {
          serviceAccountName: account,
          ...(spec === undefined ? {} : { automountServiceAccountToken: spec }),
          containers: [{ name: "token-test", image: "busybox", command: ["test", "-s", `${mountPath}/token`] }],
          restartPolicy: "Never",
        },
      });
      const mounted = (pod.spec.containers[0].volumeMounts ?? []).map((mount: Json) => mount.mountPath);
      expect([account, spec, mounted.includes(mountPath)]).toEqual([account, spec, mounts]);
      wanted.set(pod.metadata.name, mounts);
    }
    for (const [name, mounts] of wanted)
      await api.until(`${name} finds ${mounts ? "its" : "no"} token`, async () => {
        const { phase } = (await api.get(`${path}/pods/${name}`)).status;
        expect(phase).not.toBe(mounts ? "Failed" : "Succeeded");
        return phase === (mounts ? "Succeeded" : "Failed");
      });
  });

  it("Certificates API should support CSR API operations", async () => {
    const signerName = "example.com/e2e-csr-signer";
    const request = await certificateRequest("e2e-example");
    const path = "/apis/certificates.k8s.io/v1/certificatesigningrequests";
    await supportsOperations(api, {
      group: "certificates.k8s.io",
      version: "v1",
      plural: "certificatesigningrequests",
      make: (name, labels) => ({
        metadata: { name, labels },
        spec: {
          request,
          signerName,
          expirationSeconds: 3600,
          usages: ["digital signature", "key encipherment", "server auth"],
        },
      }),
      status: { certificate: (await selfSigned()).toString("base64") },
      subresources: ["approval"],
    });
    const name = api.name("csr");
    await api.ok("POST", path, { metadata: { name }, spec: { request, signerName, usages: ["server auth"] } });
    expect((await api.get(`${path}/${name}/approval`)).metadata.name).toBe(name);
    const approved = { type: "ApprovalPatch", status: "True", reason: "ApprovalPatch" };
    const patched = await api.ok("PATCH", `${path}/${name}/approval`, {
      metadata: { annotations: { patchedapproval: "true" } },
      status: { conditions: [approved] },
    });
    expect(patched.metadata.annotations.patchedapproval).toBe("true");
    expect(patched.status.conditions).toMatchObject([approved]);
    const updated = { type: "ApprovalUpdate", status: "True", reason: "ApprovalUpdate" };
    const after = await api.ok("PUT", `${path}/${name}/approval`, {
      ...patched,
      status: { conditions: [...patched.status.conditions, updated] },
    });
    expect(after.status.conditions).toMatchObject([approved, updated]);
    const status = await api.ok("PATCH", `${path}/${name}/status`, {
      status: {
        conditions: [...after.status.conditions, { type: "StatusUpdate", status: "True", reason: "StatusUpdate" }],
      },
    });
    expect(status.status.conditions).toHaveLength(3);
    await api.ok("DELETE", `${path}/${name}`);
  });
});

const ecdsa = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" } as const;

async function certificateRequest(name: string): Promise<string> {
  const { Pkcs10CertificateRequestGenerator } = await x509();
  const keys = await crypto.subtle.generateKey(ecdsa, true, ["sign", "verify"]);
  const request = await Pkcs10CertificateRequestGenerator.create({ name: `CN=${name}`, keys, signingAlgorithm: ecdsa });
  return Buffer.from(request.toString("pem")).toString("base64");
}

async function selfSigned(): Promise<Buffer> {
  const { X509CertificateGenerator } = await x509();
  const keys = await crypto.subtle.generateKey(ecdsa, true, ["sign", "verify"]);
  const made = await X509CertificateGenerator.createSelfSigned({ name: "CN=e2e", keys, signingAlgorithm: ecdsa });
  return Buffer.from(`${made.toString("pem")}\n`);
}

async function x509() {
  await import("reflect-metadata");
  return import("@peculiar/x509");
}
