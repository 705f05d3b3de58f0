import { nodes } from "../../api/core/node/node.js";
import { services } from "../../api/core/service.js";
import { onRuntimes, type PodKit } from "../harness/conformance.js";
import { NetworkKit } from "../harness/conformance-network.js";
import { eventually } from "../harness/run.js";

const many = (target: string, times = 9): readonly string[] => Array.from({ length: times }, () => target);
const http = (host: string | undefined, port: number | undefined): string => `http://${host}:${port}`;
const udp = (host: string | undefined, port: number | undefined): string => `udp://${host}:${port}`;
/** Ordinary users may not bind lower ones. */
const webPort = process.getuid?.() === 0 ? 80 : 8088;

async function nodeAddresses({ client }: PodKit): Promise<readonly string[]> {
  const { items } = await client.list(nodes);
  return items.flatMap(({ status }) =>
    (status?.addresses ?? []).flatMap(({ type, address }) => (type === "InternalIP" ? [address] : [])),
  );
}

onRuntimes(
  ["process", "cri"],
  "Services",
  (kit) => {
    const network = new NetworkKit(kit);
    const port = { port: webPort, targetPort: 8080, protocol: "TCP" };

    it("Services should serve a basic endpoint from pods", async () => {
      const labels = { app: kit.name("basic") };
      const service = await network.service("basic", { selector: labels, ports: [port] });
      const { clusterIP } = service.spec;
      expect(clusterIP).toMatch(/^\d+\.\d+\.\d+\.\d+$/);
      await network.endpoints(service, []);
      const container = network.server({ tcp: [8080] });
      const first = await kit.ready(await kit.create("first", { containers: [container] }, { labels }));
      await network.endpoints(service, [`${first.status?.podIP}:8080`]);
      expect(await network.reached([http(clusterIP, webPort)])).toEqual([first.metadata.name]);
      const second = await kit.ready(await kit.create("second", { containers: [container] }, { labels }));
      await network.endpoints(service, [`${first.status?.podIP}:8080`, `${second.status?.podIP}:8080`]);
      expect(new Set(await network.reached(many(http(clusterIP, webPort))))).toEqual(
        new Set([first.metadata.name, second.metadata.name]),
      );
      await kit.delete(first);
      await network.endpoints(service, [`${second.status?.podIP}:8080`]);
      expect(new Set(await network.reached(many(http(clusterIP, webPort))))).toEqual(new Set([second.metadata.name]));
      await kit.delete(second);
      await network.endpoints(service, []);
    });

    it("Services should serve multiport endpoints from pods", async () => {
      const labels = { app: kit.name("ports") };
      const service = await network.service("ports", {
        selector: labels,
        ports: [
          { name: "one", port: 8081, targetPort: "first" },
          { name: "two", port: 8082, targetPort: "second" },
        ],
      });
      expect(service.spec.clusterIP).toBeTruthy();
      await network.endpoints(service, []);
      const serving = (name: string, containerPort: number): object => ({
        containers: [{ ...network.server({ tcp: [containerPort] }), ports: [{ name, containerPort }] }],
      });
      const first = await kit.ready(await kit.create("one", serving("first", 9101), { labels }));
      await network.endpoints(service, [`${first.status?.podIP}:9101`]);
      const second = await kit.ready(await kit.create("two", serving("second", 9102), { labels }));
      await network.endpoints(service, [`${first.status?.podIP}:9101`, `${second.status?.podIP}:9102`]);
      const targets = [http(service.spec.clusterIP, 8081), http(service.spec.clusterIP, 8082)];
      expect(await network.reached(targets)).toEqual([first.metadata.name, second.metadata.name]);
      await kit.delete(first);
      await network.endpoints(service, [`${second.status?.podIP}:9102`]);
      await kit.delete(second);
      await network.endpoints(service, []);
    });

    it("Services should serve endpoints on same port and different protocols", async () => {
      const labels = { app: kit.name("both") };
      const tcpPort = { name: "tcp", port: 8083, protocol: "TCP" };
      const udpPort = { name: "udp", port: 8083, protocol: "UDP" };
      const service = await network.service("both", { selector: labels, ports: [tcpPort, udpPort] });
      const container = network.server({ tcp: [8083], udp: [8083] });
      const pod = await kit.ready(await kit.create("both", { containers: [container] }, { labels }));
      const targets = [http(service.spec.clusterIP, 8083), udp(service.spec.clusterIP, 8083)];
      const { name } = pod.metadata;
      const endpoint = `${pod.status?.podIP}:8083`;
      const [slice] = await network.endpoints(service, [endpoint, endpoint]);
      expect(slice?.ports?.map((each) => [each.name, each.protocol]).toSorted()).toEqual([
        ["tcp", "TCP"],
        ["udp", "UDP"],
      ]);
      const becomes = (tcp: boolean, datagrams: boolean) =>
        eventually(`TCP ${tcp}, UDP ${datagrams}`, async () => {
          const answers = await network.asked(targets);
          const wanted = [tcp, datagrams];
          return answers.every((answer, at) => (answer === name) === wanted[at]) || undefined;
        });
      await becomes(true, true);
      await network.change(service, { ports: [tcpPort] });
      await becomes(true, false);
      await network.change(service, { ports: [udpPort] });
      await becomes(false, true);
      await kit.delete(pod);
    });

    it("Services should create a functioning NodePort service", async () => {
      const { labels, names } = await network.replicas();
      const { metadata, spec } = await network.service("nodeport", {
        type: "NodePort",
        selector: labels,
        ports: [port],
      });
      const nodePort = spec.ports?.[0]?.nodePort;
      const targets = [
        http(metadata.name, webPort),
        http(spec.clusterIP, webPort),
        ...(await nodeAddresses(kit)).map((address) => http(address, nodePort)),
      ];
      expect(targets).toHaveLength(kit.runtime === "process" ? 4 : 3);
      for (const answer of await network.reached(targets)) expect(names).toContain(answer);
    });

    it("Services should change the type from ExternalName to ClusterIP", async () => {
      const { labels } = await network.replicas();
      const service = await network.service("renamed", { type: "ExternalName", externalName: "example.invalid" });
      expect(service.spec.clusterIP).toBeUndefined();
      const { spec } = await network.change(service, {
        ...{ type: "ClusterIP", externalName: null, selector: labels, ports: [port] },
      });
      expect(spec.clusterIP).toBeTruthy();
      await network.reached([http(service.metadata.name, webPort), http(spec.clusterIP, webPort)]);
    });

    it("Services should change the type from ExternalName to NodePort", async () => {
      const { labels } = await network.replicas();
      const service = await network.service("opened", { type: "ExternalName", externalName: "example.invalid" });
      expect(service.spec.clusterIP).toBeUndefined();
      const { spec } = await network.change(service, {
        ...{ type: "NodePort", externalName: null, selector: labels, ports: [port] },
      });
      expect(spec.clusterIP).toBeTruthy();
      const nodePort = spec.ports?.[0]?.nodePort;
      expect(nodePort).toBeGreaterThan(0);
      await network.reached([
        http(service.metadata.name, webPort),
        http(spec.clusterIP, webPort),
        ...(await nodeAddresses(kit)).map((address) => http(address, nodePort)),
      ]);
    });

    const sticky = async (type: "ClusterIP" | "NodePort") => {
      const { labels, names } = await network.replicas();
      const spec = { type, selector: labels, ports: [port], sessionAffinity: "ClientIP" };
      const service = await network.service("sticky", spec);
      expect(service.spec.clusterIP).toBeTruthy();
      const nodePort = service.spec.ports?.[0]?.nodePort;
      const [node] = await nodeAddresses(kit);
      const targets = [http(service.metadata.name, webPort), http(service.spec.clusterIP, webPort)];
      if (type === "NodePort") targets.push(http(node, nodePort));
      const target = targets.at(-1) ?? "";
      await network.reached(targets);
      const answers = async (): Promise<ReadonlySet<string>> => new Set(await network.reached(many(target)));
      return { service, names, targets, answers };
    };
    const switches = async (type: "ClusterIP" | "NodePort"): Promise<void> => {
      const { service, names, targets, answers } = await sticky(type);
      await network.change(service, { sessionAffinity: "None" });
      await eventually("every pod answers", async () => (await answers()).size === names.length || undefined);
      await network.change(service, { sessionAffinity: "ClientIP" });
      await eventually("one pod answers", async () => (await answers()).size === 1 || undefined);
      await network.reached(targets);
    };

    it("Services should have session affinity work for service with type clusterIP", async () => {
      const { answers, names } = await sticky("ClusterIP");
      const [only, ...others] = await answers();
      expect([names.includes(only ?? ""), others]).toEqual([true, []]);
    });

    it("Services should have session affinity work for NodePort service", async () => {
      const { answers, names } = await sticky("NodePort");
      const [only, ...others] = await answers();
      expect([names.includes(only ?? ""), others]).toEqual([true, []]);
    });

    it("Services should switch session affinity for service with type clusterIP", () => switches("ClusterIP"));

    it("Services should switch session affinity for NodePort service", () => switches("NodePort"));

    it("Services should find a service from listing all namespaces", async () => {
      const { items } = await kit.client.list(services);
      expect(items.map(({ metadata }) => `${metadata.namespace}/${metadata.name}`)).toContain("default/kubernetes");
    });

    it("Services should delete a collection of services", async () => {
      const collection = kit.name("collection");
      const labelled = (value: string) => network.service(value, { ports: [port] }, { labels: { collection, value } });
      for (const value of ["kept", "dropped", "dropped"]) await labelled(value);
      const found = async (): Promise<readonly string[]> => {
        const query = { namespace: kit.namespace, labelSelector: `collection=${collection}` };
        return (await kit.client.list(services, query)).items.map(({ metadata }) => metadata.labels?.value ?? "");
      };
      expect(await found()).toHaveLength(3);
      await kit.client.deleteCollection(services, {
        namespace: kit.namespace,
        labelSelector: `collection=${collection},value=dropped`,
      });
      await eventually("one is left", async () => (await found()).join() === "kept" || undefined);
    });
  },
  { flags: (runtime) => (runtime === "process" ? ["--nodes", "2"] : []), withNode: true },
);
