import { WebSocket } from "ws";
import type { Pod } from "../../api/core/pod/pod.js";
import { loadConnection } from "../../client/kubeconfig.js";
import { ApiUser, type Json } from "../harness/api-conformance.js";
import { selecting, updates } from "../harness/api-lifecycle.js";
import { isReady, onRuntimes, type PodKit, podIp, script, waits } from "../harness/conformance.js";
import { busyboxImage } from "../harness/oci-image.js";

/** The messages that a WebSocket brings until the server closes it. */
async function received({ cluster }: PodKit, path: string, protocol: string): Promise<readonly Buffer[]> {
  const { server, tls } = await loadConnection(cluster.kubeconfig);
  const { ca, certificate: cert, key } = tls;
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(`${server.replace("https:", "wss:")}${path}`, [protocol], { ca, cert, key } as object);
    const messages: Buffer[] = [];
    socket.on("open", () => expect(socket.protocol).toBe(protocol));
    socket.on("message", (data: Buffer) => void messages.push(data));
    socket.on("close", () => resolve(messages));
    socket.on("unexpected-response", (_request, { statusCode }) => reject(new Error(`${path}: ${statusCode}`)));
    socket.on("error", reject);
  });
}

onRuntimes(
  ["process", "cri"],
  "pods and who speaks to them",
  (kit) => {
    const api = new ApiUser();
    beforeAll(() => api.use(kit.cluster));
    const core = () => `/api/v1/namespaces/${kit.namespace}`;
    const alive = (): Promise<Pod> =>
      kit
        .create("alive", {
          containers: [{ name: "main", image: "busybox", command: script("echo container is alive; exec sleep 600") }],
        })
        .then((pod) => kit.ready(pod));

    it("Pods should support remote command execution over websockets", async () => {
      const pod = await alive();
      const query = new URLSearchParams({ stderr: "1", stdout: "1", container: "main" });
      for (const word of ["echo", "remote execution test"]) query.append("command", word);
      const messages = await received(kit, `${core()}/pods/${pod.metadata.name}/exec?${query}`, "channel.k8s.io");
      // On other streams than 1 (stdout) nothing comes but empty messages.
      for (const message of messages) if (message[0] !== 1) expect(message.length).toBeLessThanOrEqual(1);
      const stdout = messages.filter(([stream]) => stream === 1).map((message) => message.subarray(1).toString());
      expect(stdout.join("")).toContain("remote execution test");
      await kit.delete(pod, 0);
    });

    it("Pods should support retrieving logs from the container over websockets", async () => {
      const pod = await alive();
      await kit.logged(pod, "alive");
      const path = `${core()}/pods/${pod.metadata.name}/log?container=main`;
      const messages = await received(kit, path, "binary.k8s.io");
      expect(Buffer.concat(messages).toString()).toBe("container is alive\n");
      await kit.delete(pod, 0);
    });

    it("Pods should run through the lifecycle of Pods and PodStatus", async () => {
      if (kit.runtime === "cri") kit.importImages({ "docker.io/library/alpine:latest": busyboxImage() });
      const name = "pod-test";
      const labels = { "test-pod-static": "true" };
      expect((await api.get(`/api/v1/pods?${selecting(labels)}`)).items).toEqual([]);
      const watched = await api.watch(`${core()}/pods?${selecting(labels)}`);
      const told = (what: string, is: (type: string, pod: Json) => boolean): Promise<void> =>
        api.until(what, async () => watched.events.some(({ type, object }) => is(type, object)));
      const container = { name, image: "busybox", imagePullPolicy: "IfNotPresent", command: waits };
      await api.ok("POST", `${core()}/pods`, {
        metadata: { name, labels },
        spec: { terminationGracePeriodSeconds: 1, containers: [container] },
      });
      const path = `${core()}/pods/${name}`;
      await told("it runs", (_type, { status }) => status.phase === "Running");
      expect((await api.get(path)).status.phase).toBe("Running");
      const change = {
        metadata: { labels: { "test-pod": "patched" } },
        spec: { terminationGracePeriodSeconds: 1, containers: [{ name, image: "alpine" }] },
      };
      await api.ok("PATCH", path, change, { type: "application/strategic-merge-patch+json" });
      await told("it is patched", (type, pod) => type === "MODIFIED" && pod.metadata.labels["test-pod"] === "patched");
      const patched = await api.get(path);
      expect(patched.metadata.labels).toEqual({ ...labels, "test-pod": "patched" });
      expect(patched.spec.containers[0].image).toBe("alpine");
      const isOfReadiness = ({ type }: Json): boolean => ["Ready", "ContainersReady"].includes(type);
      await kit.until(patched, "is ready again", (now) => isReady(now) && /alpine/.test(imageOf(now)));
      const replaced = await updates(api, `${path}/status`, (now) => {
        expect(now.status.conditions.filter(isOfReadiness).map(({ status }: Json) => status)).toEqual(["True", "True"]);
        const conditions = now.status.conditions.map((each: Json) =>
          isOfReadiness(each) ? { ...each, status: "False" } : each,
        );
        return { ...now, status: { ...now.status, conditions } };
      });
      const after = replaced.status.conditions.filter(isOfReadiness).map(({ status }: Json) => status);
      expect(after).toEqual(["False", "False"]);
      await api.ok("DELETE", `${core()}/pods?${selecting(labels)}`, { gracePeriodSeconds: 1 });
      await told(
        "it is deleted",
        (type, pod) => type === "DELETED" && pod.metadata.labels["test-pod-static"] === "true",
      );
      watched.stop();
      expect((await api.call("GET", path)).code).toBe(404);
    });

    it("PreStop should call prestop when killing a pod", async () => {
      const server = await kit.ready(
        await kit.create("server", {
          containers: [
            {
              ...{ name: "server", image: "node", command: ["node", "-e", receiver], env: [podIp] },
              ports: [{ containerPort: 8080 }],
              readinessProbe: { tcpSocket: { port: 8080 }, periodSeconds: 1 },
            },
          ],
        }),
      );
      const received = (): Promise<Json> => api.get(`${core()}/pods/${server.metadata.name}/proxy/read`);
      const write = `http://${server.status?.podIP}:8080/write`;
      const command = script(`busybox wget -q -O- --post-data='{"Source":"prestop"}' ${write}`);
      const container = {
        name: "tester",
        image: "busybox",
        command: waits,
        lifecycle: { preStop: { exec: { command } } },
      };
      const tester = await kit.ready(
        await kit.create("tester", { terminationGracePeriodSeconds: 30, containers: [container] }),
      );
      expect(await received()).toEqual({});
      await kit.delete(tester);
      expect(await received()).toEqual({ prestop: 1 });
      await kit.delete(server, 0);
    });

    const account = "/var/run/secrets/kubernetes.io/serviceaccount";

    it("ServiceAccounts should mount an API token into pods", async () => {
      await api.ok("POST", `${core()}/serviceaccounts`, { metadata: { name: "mount-test" } });
      const container = { name: "test", image: "busybox", command: ["sleep", "100000"] };
      const pod = await kit.ready(
        await kit.create("pod-service-account", {
          serviceAccountName: "mount-test",
          restartPolicy: "Never",
          containers: [container],
        }),
      );
      const read = (file: string): Promise<string> =>
        kit.cluster.ok(["exec", "-n", kit.namespace, pod.metadata.name, "--", "cat", `${account}/${file}`]);
      const root = await api.get(`${core()}/configmaps/kube-root-ca.crt`);
      expect(await read("ca.crt")).toBe(root.data["ca.crt"]);
      expect(await read("namespace")).toBe(kit.namespace);
      const token = await read("token");
      const review = await api.ok("POST", "/apis/authentication.k8s.io/v1/tokenreviews", { spec: { token } });
      expect(review.status.authenticated).toBe(true);
      expect(review.status.error).toBeUndefined();
      expect(review.status.user.username).toBe(`system:serviceaccount:${kit.namespace}:mount-test`);
      const groups = ["system:authenticated", "system:serviceaccounts", `system:serviceaccounts:${kit.namespace}`];
      expect(review.status.user.groups).toEqual(expect.arrayContaining(groups));
      await kit.delete(pod, 0);
    });

    const tokenVolume = (name: string, path: string, more: object = {}): Json => ({
      name,
      projected: { sources: [{ serviceAccountToken: { path, expirationSeconds: 3600, ...more } }] },
    });

    it("ServiceAccounts should mount projected service account token", async () => {
      const { log } = await kit.run(
        "token",
        {
          command: ["cat", "/test-volume/token"],
          volumeMounts: [{ name: "test-volume", mountPath: "/test-volume", readOnly: true }],
        },
        { volumes: [tokenVolume("test-volume", "token")] },
      );
      expect(log).toMatch(/^[\w-]+\.[\w-]+\.[\w-]+$/);
      const [, claims = ""] = log.split(".");
      const { exp, iat } = JSON.parse(Buffer.from(claims, "base64url").toString());
      expect(exp - iat).toBe(3600);
    });

    it("ServiceAccounts should support OIDC discovery of service account issuer", async () => {
      const role = "system:service-account-issuer-discovery";
      const bindings = "/apis/rbac.authorization.k8s.io/v1/clusterrolebindings";
      const name = `${kit.namespace}-discovery`;
      await api.ok("POST", bindings, {
        metadata: { name },
        subjects: [{ kind: "ServiceAccount", name: "default", namespace: kit.namespace }],
        roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: role },
      });
      const audience = "oidc-discovery-test";
      const { log } = await kit.run(
        "oidc-discovery-validator",
        {
          image: "node",
          command: ["node", "-e", validator],
          env: [{ name: "AUDIENCE", value: audience }],
          volumeMounts: [{ name: "sa-token", mountPath: "/var/run/secrets/tokens", readOnly: true }],
        },
        { volumes: [tokenVolume("sa-token", "sa-token", { audience, expirationSeconds: 600 })] },
      );
      expect(log).toBe(`verified system:serviceaccount:${kit.namespace}:default\n`);
      await api.ok("DELETE", `${bindings}/${name}`);
    });
  },
  { withNode: true },
);

const imageOf = ({ status }: Pod): string => status?.containerStatuses?.[0]?.image ?? "";

/** Counts what is posted to /write by its source; /read tells. */
const receiver = `
  process.on("SIGTERM", () => process.exit());
  const received = {};
  require("node:http").createServer((request, answer) => {
    if (request.url === "/read") return answer.end(JSON.stringify(received));
    if (request.url !== "/write" || request.method !== "POST") return answer.writeHead(404).end();
    let text = "";
    request.on("data", (chunk) => { text += chunk; }).on("end", () => {
      const { Source } = JSON.parse(text);
      received[Source] = (received[Source] ?? 0) + 1;
      answer.end();
    });
  }).listen(8080, process.env.POD_IP);`;

/** Looks up who signs tokens, as the token itself names its issuer, and checks the token by the keys found there. */
const validator = `
  const { readFileSync } = require("node:fs");
  const { get } = require("node:https");
  const { createPublicKey, verify } = require("node:crypto");
  const account = "/var/run/secrets/kubernetes.io/serviceaccount";
  const authorization = "Bearer " + readFileSync(account + "/token", "utf8");
  const ask = (url) => new Promise((resolve, reject) => {
    const options = { ca: readFileSync(account + "/ca.crt"), headers: { authorization }, family: 4 };
    get(url, options, (answer) => {
      let text = "";
      answer.on("data", (chunk) => { text += chunk; });
      answer.on("end", () => answer.statusCode === 200 ? resolve(JSON.parse(text)) : reject(new Error(url + ": " + text)));
    }).on("error", (error) => reject(new Error(url + ": " + error.message)));
  });
  const assert = (holds, what) => { if (!holds) throw new Error("not so: " + what); };
  (async () => {
    const [head, body, signature] = readFileSync("/var/run/secrets/tokens/sa-token", "utf8").split(".");
    const [{ kid, alg }, claims] = [head, body].map((part) => JSON.parse(Buffer.from(part, "base64url")));
    const provider = await ask(claims.iss + "/.well-known/openid-configuration");
    assert(provider.issuer === claims.iss, "the provider is the issuer");
    assert(provider.id_token_signing_alg_values_supported.includes(alg), "the provider signs so");
    const { keys } = await ask(provider.jwks_uri);
    const key = createPublicKey({ key: keys.find((each) => each.kid === kid), format: "jwk" });
    const signed = Buffer.from(head + "." + body);
    const wanted = alg.startsWith("ES") ? { key, dsaEncoding: "ieee-p1363" } : key;
    assert(verify("sha256", signed, wanted, Buffer.from(signature, "base64url")), "the signature is the issuer's");
    assert(claims.aud.includes(process.env.AUDIENCE), "the token is meant for this audience");
    assert(claims.exp * 1000 > Date.now(), "the token holds");
    console.log("verified " + claims.sub);
  })().catch((error) => { console.log(String(error)); process.exit(1); });`;
