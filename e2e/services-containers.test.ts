import { readdirSync, readFileSync } from "node:fs";
import { services } from "../api/core/service.js";
import { onRuntimes, waits, webServer, www } from "./harness/conformance.js";
import { eventually, run } from "./harness/run.js";

const present = { imagePullPolicy: "IfNotPresent" };

onRuntimes(["cri"], "a Service before containers", (kit) => {
  it("is reached by its address and node port, from pods and from the host, and so is the API server", async () => {
    const labels = { app: "web" };
    const spec = { containers: [{ ...webServer("hostname >/www/index.html"), ...present }], volumes: [www] };
    const pods = [await kit.create("web", spec, { labels }), await kit.create("web", spec, { labels })];
    for (const pod of pods) await kit.ready(pod);
    const names = pods.map(({ metadata }) => metadata.name).toSorted();
    const { spec: service } = await kit.client.create(services, {
      metadata: { name: "web", namespace: kit.namespace },
      spec: { type: "NodePort", selector: labels, ports: [{ port: 80, targetPort: 8080 }] },
    });
    const asker = await kit.ready(
      await kit.create(`caller-${process.pid}`, {
        containers: [{ name: "main", image: "busybox", command: waits, ...present }],
      }),
    );
    const { clusterIP, ports } = service;
    const nodeAddress = `${asker.status?.hostIP}:${ports?.[0]?.nodePort}`;
    for (const within of [undefined, asker.metadata.name])
      for (const target of [`${clusterIP}:80`, nodeAddress]) {
        const answers = await eventually(`${target} answers`, () => asked(target, within));
        expect(answers.toSorted()).toEqual(names);
      }
    const { spec: kubernetes } = await kit.client.get(services, { namespace: "default", name: "kubernetes" });
    const inPod = (text: string): Promise<string> =>
      kit.cluster.ok(["exec", "-n", kit.namespace, asker.metadata.name, "--", "sh", "-c", text]);
    expect(await inPod("echo $KUBERNETES_SERVICE_HOST:$KUBERNETES_SERVICE_PORT")).toBe(`${kubernetes.clusterIP}:443\n`);
    expect(await asked(`${kubernetes.clusterIP}:443`, asker.metadata.name)).toEqual([
      "Client sent an HTTP request to an HTTPS server.",
    ]);
    expect(await inPod("grep -w web /etc/hosts")).toMatch(`${clusterIP}\tweb.${kit.namespace}.svc.cluster.local`);
  });
});

/** Who answers, of some requests: from the host, or in the network of the pod with this hostname. */
async function asked(target: string, within: string | undefined): Promise<readonly string[]> {
  const program = `
    const ask = () => new Promise((resolve, reject) => {
      const options = { agent: false, timeout: 3000 };
      const request = require("node:http").get("http://${target}/", options, (answer) => {
        let text = "";
        answer.on("data", (chunk) => { text += chunk; }).on("end", () => resolve(text.trim()));
      });
      request.on("error", reject).on("timeout", () => request.destroy(new Error("timeout")));
    });
    (async () => {
      const names = new Set();
      for (let i = 0; i < 6; i++) names.add(await ask());
      console.log(JSON.stringify([...names]));
    })().catch((error) => { console.error(error.message); process.exit(1); });`;
  const enter = within === undefined ? [] : ["--target", String(processOf(within)), "--net"];
  const { code, stdout, stderr } = await run("nsenter", [...enter, process.execPath, "-e", program]);
  if (code !== 0) throw new Error(stderr);
  return JSON.parse(stdout);
}

/** A process of the pod with this hostname. */
function processOf(hostname: string): number {
  const found = readdirSync("/proc").find((name) => {
    try {
      return (
        /^\d+$/.test(name) &&
        readFileSync(`/proc/${name}/environ`, "latin1").split("\0").includes(`HOSTNAME=${hostname}`)
      );
    } catch {
      return false;
    }
  });
  if (found === undefined) throw new Error(`no process of ${hostname}`);
  return Number(found);
}
