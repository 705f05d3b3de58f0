import { endpoints } from "../../api/core/endpoints.js";
import { nodes } from "../../api/core/node/node.js";
import type { Pod } from "../../api/core/pod/pod.js";
import { services } from "../../api/core/service.js";
import { endpointSlices } from "../../api/discovery/endpoint-slice.js";
import { onRuntimes, waits } from "../harness/conformance.js";
import { NetworkKit } from "../harness/conformance-network.js";
import { eventually } from "../harness/run.js";

onRuntimes(
  ["process", "cri"],
  "Networking",
  (kit) => {
    const network = new NetworkKit(kit);
    const served: Pod[] = [];
    /** One on each node, serving HTTP at 8080 and datagrams at 8081. */
    const servers = async (): Promise<readonly Pod[]> => {
      if (served.length > 0) return served;
      const { items } = await kit.client.list(nodes);
      for (const { metadata } of items)
        served.push(
          await kit.create("netserver", {
            nodeName: metadata.name,
            containers: [network.server({ tcp: [8080], udp: [8081] })],
          }),
        );
      for (const [at, pod] of served.entries()) served[at] = await kit.ready(pod);
      return served;
    };
    const talk = async (scheme: "http" | "udp", from: Pod | undefined): Promise<void> => {
      const pods = await servers();
      expect(pods).toHaveLength(kit.runtime === "process" ? 2 : 1);
      const port = scheme === "http" ? 8080 : 8081;
      const answers = await network.reached(
        pods.map(({ status }) => `${scheme}://${status?.podIP}:${port}`),
        from,
      );
      expect(answers).toEqual(pods.map(({ metadata }) => metadata.name));
    };
    const onHost = async (): Promise<Pod> =>
      kit.ready(
        await kit.create("hostexec", {
          hostNetwork: true,
          containers: [{ name: "main", image: "node", command: ["sleep", "3600"] }],
        }),
      );

    it("Networking Granular Checks: Pods should function for intra-pod communication: http", () =>
      talk("http", undefined));

    it("Networking Granular Checks: Pods should function for intra-pod communication: udp", () =>
      talk("udp", undefined));

    it("Networking Granular Checks: Pods should function for node-pod communication: http", async () =>
      talk("http", await onHost()));

    it("Networking Granular Checks: Pods should function for node-pod communication: udp", async () =>
      talk("udp", await onHost()));

    it("HostPort validates no conflict between pods with same hostPort but different hostIP and protocol", async () => {
      const [node] = (await kit.client.list(nodes)).items;
      const address = node?.status?.addresses?.find(({ type }) => type === "InternalIP")?.address;
      const hostPort = 20_000 + (process.pid % 10_000);
      const wanted = [
        { hostIP: "127.0.0.1", protocol: "TCP" },
        { hostIP: address, protocol: "TCP" },
        { hostIP: address, protocol: "UDP" },
      ];
      const pods: Pod[] = [];
      for (const port of wanted)
        pods.push(
          await kit.create("hostport", {
            nodeSelector: { "kubernetes.io/hostname": node?.metadata.labels?.["kubernetes.io/hostname"] },
            containers: [
              { ...network.server({ tcp: [8080], udp: [8080] }), ports: [{ containerPort: 8080, hostPort, ...port }] },
            ],
          }),
        );
      for (const pod of pods) expect((await kit.ready(pod)).spec.nodeName).toBe(node?.metadata.name);
      const targets = wanted.map(
        ({ hostIP, protocol }) => `${protocol === "TCP" ? "http" : "udp"}://${hostIP}:${hostPort}`,
      );
      expect(await network.reached(targets, await onHost())).toEqual(pods.map(({ metadata }) => metadata.name));
    });

    it("API Server should provide secure master service", async () => {
      const { spec } = await kit.client.get(services, { namespace: "default", name: "kubernetes" });
      expect(spec.ports).toEqual([expect.objectContaining({ name: "https", port: 443, protocol: "TCP" })]);
    });

    it("API Server should have Endpoints and EndpointSlices pointing to API Server", async () => {
      const apis = JSON.parse(await kit.cluster.ok(["get", "--raw", "/apis"]));
      const group = apis.groups.find(({ name }: { readonly name: string }) => name === "discovery.k8s.io");
      expect(group.versions.map(({ version }: { readonly version: string }) => version)).toContain("v1");
      const resources = JSON.parse(await kit.cluster.ok(["get", "--raw", "/apis/discovery.k8s.io/v1"])).resources;
      expect(resources.map(({ name }: { readonly name: string }) => name)).toContain("endpointslices");
      const { hostname, port } = new URL(kit.cluster.url);
      const addresses = [{ ip: hostname }];
      const name = { namespace: "default", name: "kubernetes" };
      expect((await kit.client.get(endpoints, name)).subsets).toEqual([
        { addresses, ports: [{ name: "https", port: Number(port), protocol: "TCP" }] },
      ]);
      const { items } = await kit.client.list(endpointSlices, {
        namespace: "default",
        labelSelector: "kubernetes.io/service-name=kubernetes",
      });
      expect(items.flatMap((slice) => slice.endpoints?.map((each) => each.addresses[0]))).toEqual([hostname]);
      expect(items.flatMap((slice) => slice.ports?.map((each) => each.port))).toEqual([Number(port)]);
    });

    it("DNS should provide /etc/hosts entries for the cluster", async () => {
      const { spec } = await kit.client.get(services, { namespace: "default", name: "kubernetes" });
      const [hostname, subdomain] = ["dns-querier-1", kit.name("dns-test-service")];
      const labels = { app: subdomain };
      await kit.client.create(services, {
        metadata: { name: subdomain, namespace: kit.namespace },
        spec: { clusterIP: "None", selector: labels, ports: [{ name: "http", port: 80 }] },
      } as never);
      const containers = [{ name: "main", image: "node", command: ["sleep", "3600"] }];
      const pod = await kit.ready(await kit.create("dns", { hostname, subdomain, containers }, { labels }));
      const own = [`${hostname}.${subdomain}.${kit.namespace}.svc.cluster.local`, hostname];
      const api = ["kubernetes.default", "kubernetes.default.svc", "kubernetes.default.svc.cluster.local"];
      const lookUp = `(async () => {
        for (const name of process.argv.slice(1))
          console.log((await require("node:dns").promises.lookup(name, { family: 4 })).address);
      })();`;
      const inPod = ["exec", "-n", kit.namespace, pod.metadata.name, "--", "node", "-e", lookUp, ...api, ...own];
      const found = await eventually("names are found", async () => (await kit.cluster.ok(inPod)) || undefined);
      const { podIP } = pod.status ?? {};
      expect(found.trim().split("\n")).toEqual([...api.map(() => spec.clusterIP), ...own.map(() => podIP)]);
      await kit.delete(pod, 0);
    });

    it("DNS should support configurable pod DNS nameservers", async () => {
      const pod = await kit.create("dns", {
        dnsPolicy: "None",
        dnsConfig: { nameservers: ["1.1.1.1"], searches: ["resolv.conf.local"] },
        containers: [{ name: "main", image: "node", command: ["sleep", "3600"] }],
      });
      expect(pod.spec.dnsConfig).toEqual({ nameservers: ["1.1.1.1"], searches: ["resolv.conf.local"] });
      await kit.ready(pod);
      // As the program's own resolver has it, and where other programs look.
      const inPod = (...command: readonly string[]): Promise<string> =>
        kit.cluster.ok(["exec", "-n", kit.namespace, pod.metadata.name, "--", ...command]);
      const servers = await inPod("node", "-p", `require("node:dns").getServers().join()`);
      expect(servers).toBe("1.1.1.1\n");
      const lines = (await inPod("cat", "/etc/resolv.conf")).trim().split("\n");
      expect(lines.filter((line) => line.startsWith("search "))).toEqual(["search resolv.conf.local"]);
      await kit.delete(pod, 0);
    });

    it("Service endpoints latency should not be very high", async () => {
      const labels = { app: kit.name("latency") };
      await kit.ready(
        await kit.create("pause", { containers: [{ name: "main", image: "busybox", command: waits }] }, { labels }),
      );
      const tookMs: number[] = [];
      for (let round = 0; round < 100; round++) {
        const startedMs = performance.now();
        const service = await network.service("latency", { selector: labels, ports: [{ port: 80 }] });
        await eventually(
          "its endpoints are there",
          async () => {
            const { subsets } = await kit.client.get(endpoints, {
              namespace: kit.namespace,
              name: service.metadata.name,
            });
            return subsets?.[0]?.addresses?.length;
          },
          { everyMs: 5 },
        );
        tookMs.push(performance.now() - startedMs);
      }
      tookMs.sort((a, b) => a - b);
      expect(tookMs[49]).toBeLessThan(20_000);
      for (const tail of [tookMs[89], tookMs[98]]) expect(tail).toBeLessThan(50_000);
    });
  },
  {
    flags: (runtime) => (runtime === "process" ? ["--nodes", "2", "--allow-host-access"] : []),
    withNode: true,
  },
);

onRuntimes(["process"], "Services as objects", (kit) => {
  const network = new NetworkKit(kit);

  it("Services should complete a service status lifecycle", async () => {
    const { metadata } = await network.service("status", { type: "LoadBalancer", ports: [{ port: 80 }] });
    const name = { namespace: kit.namespace, name: metadata.name };
    const path = `/api/v1/namespaces/${kit.namespace}/services/${metadata.name}/status`;
    const before = JSON.parse(await kit.cluster.ok(["get", "--raw", path]));
    expect(before.status).toEqual({ loadBalancer: {} });
    const ending = new AbortController();
    const seen: unknown[] = [];
    const watching = (async () => {
      const query = { namespace: kit.namespace, fieldSelector: `metadata.name=${metadata.name}` };
      for await (const event of kit.client.watch(services, query, ending.signal))
        if (event.type !== "BOOKMARK") seen.push(event);
    })();
    await eventually("the watch tells of it", () => JSON.stringify(seen[0] ?? "").includes('"type":"ADDED"'));
    const ingress = [{ ip: "203.0.113.1", ipMode: "VIP" }];
    await kit.client.patch(services, name, {
      ...{ type: "merge", subresource: "status" },
      body: { metadata: { annotations: { patchedstatus: "true" } }, status: { loadBalancer: { ingress } } },
    });
    const patched = await kit.client.get(services, name);
    expect([patched.status?.loadBalancer?.ingress, patched.metadata.annotations?.patchedstatus]).toEqual([
      ingress,
      "true",
    ]);
    const condition = {
      ...{ type: "StatusUpdate", status: "True" as const, reason: "E2E", message: "Set from a test" },
      lastTransitionTime: "2026-01-01T00:00:00Z",
    };
    await kit.client.update(
      services,
      { ...patched, status: { ...patched.status, conditions: [condition] } },
      { subresource: "status" },
    );
    expect((await kit.client.get(services, name)).status?.conditions).toEqual([condition]);
    await kit.client.patch(services, name, { type: "merge", body: { metadata: { labels: { test: "patched" } } } });
    expect((await kit.client.get(services, name)).metadata.labels?.test).toBe("patched");
    await eventually("the watch has seen each", () => {
      const texts = seen.map((event) => JSON.stringify(event));
      return ["patchedstatus", "StatusUpdate", '"test":"patched"'].every((mark) =>
        texts.some((text) => text.includes(mark)),
      );
    });
    await kit.client.delete(services, name);
    await eventually("the watch tells of its end", () => JSON.stringify(seen.at(-1)).includes('"type":"DELETED"'));
    ending.abort();
    await watching;
  });
});
