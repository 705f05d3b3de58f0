// What a program on @kubernetes/client-node does with a pod and with objects of any kind. Arguments: kubeconfig, a folder
// for its files. Prints one line a step.
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { PassThrough, Writable } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import * as k8s from "@kubernetes/client-node";

const [file, folder] = process.argv.slice(2);
const namespace = "client-node";
const deadlineMs = 60_000;
const config = new k8s.KubeConfig();
config.loadFromFile(file);
const core = config.makeApiClient(k8s.CoreV1Api);
// A stream that is cut off on purpose tells of it by an error that nobody waits for.
process.on("uncaughtException", (error) => {
  if (error.name !== "AbortError") throw error;
});

const say = (...words) =>
  console.log(words.map((word) => (typeof word === "string" ? word : JSON.stringify(word))).join(" "));
async function eventually(what, ask) {
  const endMs = Date.now() + deadlineMs;
  for (;;) {
    const answer = await ask();
    if (answer) return answer;
    if (Date.now() > endMs) throw new Error(`not in time: ${what}`);
    await sleep(100);
  }
}
function sink() {
  const parts = [];
  const stream = new Writable({
    write(part, _encoding, done) {
      parts.push(part);
      done();
    },
  });
  return { stream, text: () => Buffer.concat(parts).toString() };
}

await core.createNamespace({ body: { metadata: { name: namespace } } });
await core.createNamespacedPod({
  namespace,
  body: {
    metadata: { name: "p" },
    spec: {
      terminationGracePeriodSeconds: 0,
      containers: [
        { name: "web", image: "my-app:latest", env: [{ name: "PORT", value: "8099" }] },
        { name: "cat", image: "busybox", stdin: true, command: ["cat"] },
        {
          name: "clock",
          image: "busybox",
          command: ["sh", "-c", "n=0; while true; do echo tick $n; n=$((n+1)); sleep 0.2; done"],
        },
      ],
    },
  },
});
const isReady = ({ type, status }) => type === "Ready" && status === "True";
await eventually("the pod is ready", async () =>
  (await core.readNamespacedPod({ namespace, name: "p" })).status.conditions?.some(isReady),
);

const exec = new k8s.Exec(config);
async function run(command, input = null, tty = false) {
  const [out, errors] = [sink(), sink()];
  const status = await new Promise((resolve, reject) => {
    exec
      .exec(namespace, "p", "clock", command, out.stream, tty ? null : errors.stream, input, tty, resolve)
      .catch(reject);
  });
  const code = status.details?.causes?.find(({ reason }) => reason === "ExitCode")?.message ?? "0";
  return { out: out.text(), errors: errors.text(), status: status.status, code };
}
say("exec", await run(["sh", "-c", "echo out; echo oops >&2; exit 5"]));
const input = new PassThrough();
input.end(Buffer.alloc(1_000_000, "a"));
const counted = await run(["wc", "-c"], input);
say("stdin", Number(counted.out), counted.status);
say("terminal", (await run(["sh", "-c", "test -t 0 && test -t 1 && echo yes"], new PassThrough(), true)).out.trim());
say(
  "no such pod",
  await exec.exec(namespace, "none", "c", ["ls"], sink().stream, null, null, false).catch((error) => error.message),
);

const typed = new PassThrough();
const shown = sink();
const attached = await new k8s.Attach(config).attach(namespace, "p", "cat", shown.stream, null, typed, false);
typed.write("through attach\n");
await eventually("the program answers", () => shown.text().includes("through attach"));
attached.close();
say("attach", shown.text().trim());

const forward = new k8s.PortForward(config);
const server = createServer((socket) => void forward.portForward(namespace, "p", [8099], socket, null, socket));
await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
const answer = await fetch(`http://127.0.0.1:${server.address().port}/`, { headers: { connection: "close" } });
say("port-forward", answer.status, (await answer.text()).trim());
server.close();

const lines = sink();
const following = await new k8s.Log(config).log(namespace, "p", "clock", lines.stream, { follow: true, tailLines: 1 });
await eventually("three lines", () => lines.text().split("\n").length > 3);
following.abort();
const whole = lines.text().slice(0, lines.text().lastIndexOf("\n"));
const numbers = whole.split("\n").map((line) => Number(line.replace("tick ", "")));
const follows = (number, at) => at === 0 || number === numbers[at - 1] + 1;
say("log", numbers.every(follows));

const there = `${(await run(["sh", "-c", "mktemp -d"])).out.trim()}`;
mkdirSync(join(folder, "sent"), { recursive: true });
mkdirSync(join(folder, "fetched"), { recursive: true });
writeFileSync(join(folder, "sent", "file"), "content");
const cp = new k8s.Cp(config);
await cp.cpToPod(namespace, "p", "clock", join(folder, "sent"), there);
await eventually("the file is in the pod", async () => (await run(["cat", `${there}/file`])).out === "content");
await cp.cpFromPod(namespace, "p", "clock", "file", join(folder, "fetched"), there);
const fetched = () => {
  try {
    return readFileSync(join(folder, "fetched", "file"), "utf8");
  } catch {
    return "";
  }
};
say("cp", await eventually("the file is here", fetched));

const metrics = new k8s.Metrics(config);
const pods = await eventually("figures of the pod", async () => {
  const { items } = await metrics.getPodMetrics(namespace);
  return items.length > 0 && items;
});
say("metrics", pods[0].containers.map(({ name }) => name).sort());
say("top", (await k8s.topNodes(core)).length, (await k8s.topPods(core, metrics, namespace))[0].Pod.metadata.name);

const objects = k8s.KubernetesObjectApi.makeApiClient(config);
const map = { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "m", namespace }, data: { a: "1" } };
await objects.create(map);
for (const type of ["MergePatch", "StrategicMergePatch", "ServerSideApply"])
  await objects.patch(
    { ...map, data: { [type]: "x" } },
    undefined,
    undefined,
    "e2e",
    undefined,
    k8s.PatchStrategy[type],
  );
const asOperations = k8s.setHeaderOptions("Content-Type", k8s.PatchStrategy.JsonPatch);
const operations = [{ op: "remove", path: "/data/a" }];
await core.patchNamespacedConfigMap({ namespace, name: "m", body: operations }, asOperations);
say("patched", Object.keys((await objects.read(map)).data).sort());
say("deleted", (await objects.delete(map)).status, await objects.read(map).catch(({ code }) => code));

const watch = new k8s.Watch(config);
async function watched(query) {
  const seen = [];
  await new Promise((resolve, reject) => {
    const take = (type, { metadata, code }) => seen.push(`${type} ${code ?? metadata.name ?? ""}`.trim());
    watch.watch(`/api/v1/namespaces/${namespace}/configmaps`, query, take, resolve).catch(reject);
  });
  return seen;
}
const fieldSelector = "metadata.name=kube-root-ca.crt";
say("watch", await watched({ fieldSelector, timeoutSeconds: 1, allowWatchBookmarks: true }));
say(
  "evicted",
  (await core.createNamespacedPodEviction({ namespace, name: "p", body: { metadata: { name: "p" } } })).kind,
);
await core.deleteNamespace({ name: namespace });
process.exit(0);
