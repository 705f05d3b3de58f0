import { deployments } from "../../api/apps/deployment.js";
import type { Pod } from "../../api/core/pod/pod.js";
import { type Service, services } from "../../api/core/service.js";
import { type EndpointSlice, endpointSlices } from "../../api/discovery/endpoint-slice.js";
import type { PodKit } from "./conformance.js";
import { listPods } from "./pods.js";
import { eventually } from "./run.js";

/** What the conformance tests of Services have in common: pods that answer their name, and a pod that asks them. */
export class NetworkKit {
  readonly #pods: PodKit;
  #asker: Promise<Pod> | undefined;

  constructor(pods: PodKit) {
    this.#pods = pods;
  }

  /** A container that answers its pod's name, over HTTP and by datagrams, on these ports. */
  server(ports: { readonly tcp?: readonly number[]; readonly udp?: readonly number[] }): object {
    const { tcp = [], udp = [] } = ports;
    const program = `
      process.on("SIGTERM", () => process.exit());
      const host = process.env.POD_IP, name = process.env.HOSTNAME;
      for (const port of ${JSON.stringify(tcp)})
        require("node:http").createServer((_, answer) => answer.end(name)).listen(port, host);
      for (const port of ${JSON.stringify(udp)}) {
        const socket = require("node:dgram").createSocket("udp4");
        socket.on("message", (_, from) => socket.send(name, from.port, from.address));
        socket.bind(port, host);
      }`;
    return { name: "server", image: "node", imagePullPolicy: "IfNotPresent", command: ["node", "-e", program] };
  }

  async service(prefix: string, spec: object, metadata: object = {}): Promise<Service> {
    const { client, namespace } = this.#pods;
    const draft = { metadata: { name: this.#pods.name(prefix), namespace, ...metadata }, spec };
    return client.create(services, draft as never);
  }

  /** Merges this into the Service's spec. */
  change({ metadata: { name } }: Service, spec: object): Promise<Service> {
    const { client, namespace } = this.#pods;
    return client.patch(services, { namespace, name }, { type: "merge", body: { spec } });
  }

  /** Three pods of a Deployment that serve at port 8080, ready. */
  async replicas(): Promise<{ readonly labels: Readonly<Record<string, string>>; readonly names: readonly string[] }> {
    const { client, namespace } = this.#pods;
    const name = this.#pods.name("replicas");
    const labels = { app: name };
    const container = {
      ...this.server({ tcp: [8080] }),
      readinessProbe: { tcpSocket: { port: 8080 }, periodSeconds: 1 },
    };
    await client.create(deployments, {
      metadata: { name, namespace },
      spec: {
        replicas: 3,
        selector: { matchLabels: labels },
        template: {
          metadata: { labels },
          spec: { terminationGracePeriodSeconds: 0, containers: [container] },
        },
      },
    } as never);
    const pods = await eventually("three pods are ready", async () => {
      const found = await listPods(this.#pods, { namespace, labelSelector: `app=${name}` });
      const ready = found.filter(({ status }) =>
        status?.conditions?.some((c) => c.type === "Ready" && c.status === "True"),
      );
      return ready.length === 3 ? ready : undefined;
    });
    return { labels, names: pods.map(({ metadata }) => metadata.name).toSorted() };
  }

  /** What a pod of the cluster is answered by these: names, or `!` and why there was no answer. */
  async asked(targets: readonly string[], from?: Pod): Promise<readonly string[]> {
    this.#asker ??= this.#pods
      .create("asker", { containers: [{ name: "main", image: "node", command: ["sleep", "3600"] }] })
      .then((pod) => this.#pods.ready(pod));
    const { metadata } = from ?? (await this.#asker);
    const { cluster, namespace } = this.#pods;
    return JSON.parse(
      await cluster.ok(["exec", "-n", namespace, metadata.name, "--", "node", "-e", asking, ...targets]),
    );
  }

  /** Asks until everybody who should answers does, and answers who it was. */
  reached(targets: readonly string[], from?: Pod): Promise<readonly string[]> {
    return eventually(`${targets.join(", ")} answer`, async () => {
      const answers = await this.asked(targets, from);
      if (answers.some((answer) => answer.startsWith("!"))) throw new Error(answers.join());
      return answers;
    });
  }

  /** `address:port` of every ready endpoint behind the Service, once they are these. */
  endpoints({ metadata: { name } }: Service, wanted: readonly string[]): Promise<readonly EndpointSlice[]> {
    const { client, namespace } = this.#pods;
    return eventually(`the endpoints of ${name} are ${wanted.join(", ") || "none"}`, async () => {
      const { items } = await client.list(endpointSlices, {
        namespace,
        labelSelector: `kubernetes.io/service-name=${name}`,
      });
      const found = items.flatMap(({ endpoints = [], ports = [] }) =>
        endpoints
          .filter(({ conditions }) => conditions.ready !== false)
          .flatMap(({ addresses }) => ports.map(({ port }) => `${addresses[0]}:${port}`)),
      );
      if (found.toSorted().join() !== [...wanted].toSorted().join()) throw new Error(found.join());
      return items;
    });
  }
}

/** Asks each target once, in order, over a connection of its own; prints the answers as JSON. */
const asking = `
  const once = (target) => new Promise((resolve) => {
    const failed = (error) => resolve("!" + (error.code ?? error.message));
    const { protocol, hostname: host, port } = new URL(target);
    if (protocol === "http:") {
      const request = require("node:http").get({ host, port, agent: false, timeout: 2000, family: 4 }, (answer) => {
        let text = "";
        answer.on("data", (chunk) => { text += chunk; }).on("end", () => resolve(text)).on("error", failed);
      });
      request.on("error", failed).on("timeout", () => request.destroy(new Error("timeout")));
      return;
    }
    const socket = require("node:dgram").createSocket("udp4");
    const done = (answer) => { clearTimeout(timer); socket.close(); resolve(answer); };
    const timer = setTimeout(() => done("!timeout"), 500);
    socket.on("message", (text) => done(String(text))).on("error", (error) => done("!" + error.code));
    socket.send("who", port, host, (error) => { if (error) done("!" + error.code); });
  });
  (async () => {
    const answers = [];
    for (const target of process.argv.slice(1)) answers.push(await once(target));
    console.log(JSON.stringify(answers));
  })();`;
