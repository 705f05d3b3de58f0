import { type Json, onApi } from "../harness/api-conformance.js";

jest.setTimeout(30_000);

onApi("who may do what", (api) => {
  const reviews = "/apis/authorization.k8s.io/v1";

  it("SubjectReview should support SubjectReview API operations", async () => {
    const namespace = await api.namespace("subject");
    const account = api.name("e2e");
    await api.ok("POST", `/api/v1/namespaces/${namespace}/serviceaccounts`, { metadata: { name: account } });
    const attributes = { group: "apps", resource: "deployments", verb: "get", namespace };
    const user = `system:serviceaccount:${namespace}:${account}`;
    const review = await api.ok("POST", `${reviews}/subjectaccessreviews`, {
      spec: { user, resourceAttributes: attributes },
    });
    expect(review.status.allowed).toBe(false);
    const local = await api.ok("POST", `${reviews}/namespaces/${namespace}/localsubjectaccessreviews`, {
      metadata: { namespace },
      spec: { user, resourceAttributes: attributes },
    });
    expect(local.status.allowed).toBe(review.status.allowed);
    // What the account itself is told is the same.
    const impersonated = await api.ok("POST", `${reviews}/subjectaccessreviews`, {
      spec: { user, groups: ["system:masters"], resourceAttributes: attributes },
    });
    expect(impersonated.status.allowed).toBe(true);
  });

  it("ServiceAccounts should run through the lifecycle of a ServiceAccount", async () => {
    const namespace = await api.namespace("accounts");
    const path = `/api/v1/namespaces/${namespace}/serviceaccounts`;
    const watch = await api.watch(`${path}?labelSelector=${encodeURIComponent("test-serviceaccount-static=true")}`);
    await api.ok("POST", path, {
      metadata: { name: "testserviceaccount", labels: { "test-serviceaccount-static": "true" } },
    });
    await watch.take(1);
    const body = { automountServiceAccountToken: false };
    await api.ok("PATCH", `${path}/testserviceaccount`, body, { type: "application/strategic-merge-patch+json" });
    const [, patched] = await watch.take(2);
    expect([patched?.type, patched?.object.automountServiceAccountToken]).toEqual(["MODIFIED", false]);
    const all = await api.get("/api/v1/serviceaccounts?labelSelector=test-serviceaccount-static%3Dtrue");
    expect(all.items.filter(({ metadata }: Json) => metadata.namespace === namespace)).toHaveLength(1);
    await api.ok("DELETE", `${path}?labelSelector=test-serviceaccount-static%3Dtrue`);
    const [, , deleted] = await watch.take(3);
    expect(deleted?.type).toBe("DELETED");
    watch.stop();
  });

  it("ServiceAccounts should update a ServiceAccount", async () => {
    const namespace = await api.namespace("accounts");
    const path = `/api/v1/namespaces/${namespace}/serviceaccounts`;
    const name = api.name("e2e-sa");
    const made = await api.ok("POST", path, { metadata: { name } });
    expect(made.automountServiceAccountToken).toBeUndefined();
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
    await api.ok("DELETE", path);
    await api.until("it is published again", isThere);
    await api.ok("PUT", path, { metadata: { name: "kube-root-ca.crt" }, data: { "ca.crt": "" } });
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
        groups: expect.arrayContaining(["system:serviceaccounts", `system:serviceaccounts:${namespace}`]),
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
          containers: [{ name: "token-test", image: "busybox", command: ["true"] }],
          restartPolicy: "Never",
        },
      });
      const paths = (pod.spec.containers[0].volumeMounts ?? []).map(({ mountPath }: Json) => mountPath);
      expect([account, spec, paths.includes("/var/run/secrets/kubernetes.io/serviceaccount")]).toEqual([
        account,
        spec,
        mounts,
      ]);
    }
  });
});
