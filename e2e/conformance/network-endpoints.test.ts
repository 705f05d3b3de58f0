import type { Pod } from "../../api/core/pod/pod.js";
import type { Service } from "../../api/core/service.js";
import { systemClock } from "../../base/clock.js";
import { issueAlone } from "../../base/tls.js";
import { ApiUser, type Json } from "../harness/api-conformance.js";
import { selecting } from "../harness/api-lifecycle.js";
import { isDiscovered } from "../harness/api-operations.js";
import { onRuntimes, waits } from "../harness/conformance.js";
import { NetworkKit } from "../harness/conformance-network.js";
import { porter } from "../harness/porter.js";

onRuntimes(
  ["process", "cri"],
  "endpoints and proxies",
  (kit) => {
    const network = new NetworkKit(kit);
    const api = new ApiUser();
    beforeAll(() => api.use(kit.cluster));
    const core = () => `/api/v1/namespaces/${kit.namespace}`;
    const slicesOf = async ({ metadata: { name } }: Service): Promise<Json[]> => {
      const path = `/apis/discovery.k8s.io/v1/namespaces/${kit.namespace}/endpointslices`;
      return (await api.get(`${path}?${selecting({ "kubernetes.io/service-name": name })}`)).items;
    };
    const subsetsOf = async ({ metadata: { name } }: Service): Promise<Json[] | undefined> => {
      const { code, body } = await api.call("GET", `${core()}/endpoints/${name}`);
      return code === 200 ? (body.subsets ?? []) : undefined;
    };

    /** Two pods with a named port of different numbers, and what selects one, both or none of them. */
    const setup = async () => {
      const [one, both, none] = [kit.name("one"), kit.name("both"), kit.name("none")];
      const container = (ports: Json[]): object => ({ name: "container1", image: "busybox", command: waits, ports });
      const named = (name: string, containerPort: number): Json => ({ name, containerPort, protocol: "TCP" });
      const made = [
        await kit.create(
          "pod",
          { containers: [container([named("example-name", 3000)])] },
          { labels: { [one]: "on", [both]: "on" } },
        ),
        await kit.create(
          "pod",
          { containers: [container([named("example-name", 3001), named("other-port", 3002)])] },
          { labels: { [both]: "on" } },
        ),
      ];
      const service = (label: string, name: string, targetPort: number | string): Promise<Service> =>
        network.service("example", {
          selector: { [label]: "on" },
          publishNotReadyAddresses: true,
          ports: [{ name, port: 80, targetPort, protocol: "TCP" }],
        });
      const services = [
        await service(one, "example", 3000),
        await service(both, "http", "example-name"),
        await service(none, "example-no-match", 8080),
      ] as const;
      const pods: Pod[] = [];
      for (const pod of made) pods.push(await kit.until(pod, "has an address", ({ status }) => status?.podIPs?.length));
      return { pods, services };
    };
    /** `port name:number > address pod`, one for each endpoint that there should be. */
    const wanted = ({ spec }: Service, pods: readonly Pod[]): readonly string[] =>
      pods
        .map(({ metadata, spec: { containers, nodeName }, status }) => {
          const [port] = spec.ports ?? [];
          const own = containers[0]?.ports?.find(({ name }) => name === port?.targetPort)?.containerPort;
          const target = `${metadata.namespace}/${metadata.name} ${metadata.uid}`;
          return `${port?.name}:${own ?? port?.targetPort}/TCP > ${status?.podIP} ${target} ${nodeName}`;
        })
        .sort();
    const portText = ({ name, port, protocol }: Json): string => `${name}:${port}/${protocol}`;
    const targetText = ({ targetRef: { kind, namespace, name, uid }, nodeName }: Json): string =>
      `${kind === "Pod" ? "" : kind}${namespace}/${name} ${uid} ${nodeName}`;
    const inSlices = (service: Service, pods: readonly Pod[], count: number): Promise<void> =>
      api.until(`${count} slices of ${service.metadata.name} name ${pods.length} pods`, async () => {
        const slices = await slicesOf(service);
        const ports = pods.length === 0 ? 0 : 1;
        if (slices.length !== count || slices.some((slice) => (slice.ports ?? []).length !== ports)) return false;
        const found = slices.flatMap(({ ports = [], endpoints = [] }) =>
          endpoints.map((each: Json) => `${portText(ports[0])} > ${each.addresses[0]} ${targetText(each)}`),
        );
        return found.sort().join() === wanted(service, pods).join();
      });
    const inEndpoints = (service: Service, pods: readonly Pod[], count: number): Promise<void> =>
      api.until(`${count} subsets of ${service.metadata.name} name ${pods.length} pods`, async () => {
        const subsets = await subsetsOf(service);
        if (subsets?.length !== count || subsets.some(({ ports = [] }) => ports.length !== 1)) return false;
        const found = subsets.flatMap(({ ports: [port], addresses = [], notReadyAddresses = [] }) =>
          [...addresses, ...notReadyAddresses].map(
            (each: Json) => `${portText(port)} > ${each.ip} ${targetText(each)}`,
          ),
        );
        return found.sort().join() === wanted(service, pods).join();
      });

    it("EndpointSlice should create Endpoints and EndpointSlices for Pods matching a Service", async () => {
      await isDiscovered(api, { group: "discovery.k8s.io", version: "v1", plural: "endpointslices" });
      const { pods, services } = await setup();
      const [single, both, none] = services;
      await inSlices(single, pods.slice(0, 1), 1);
      await inEndpoints(single, pods.slice(0, 1), 1);
      await inSlices(both, pods, 2);
      await inEndpoints(both, pods, 2);
      await inSlices(none, [], 1);
      await inEndpoints(none, [], 0);
      const before = (await slicesOf(both)).map(({ metadata }) => metadata.uid);
      for (const { metadata } of await slicesOf(both))
        await api.ok("DELETE", `/apis/discovery.k8s.io/v1/namespaces/${kit.namespace}/endpointslices/${metadata.name}`);
      await inSlices(both, pods, 2);
      for (const { metadata } of await slicesOf(both)) expect(before).not.toContain(metadata.uid);
      for (const pod of pods) await kit.delete(pod, 0);
    });

    it("EndpointsController should create Endpoints for Pods matching a Service", async () => {
      const { pods, services } = await setup();
      const [single, both, none] = services;
      await inEndpoints(single, pods.slice(0, 1), 1);
      await inEndpoints(both, pods, 2);
      await inEndpoints(none, [], 0);
      for (const pod of pods) await kit.delete(pod, 0);
    });

    const http = ({ spec }: Service, port: number): string => `http://${spec.clusterIP}:${port}`;
    const custom = (service: Service, name: string, port: number, pod: Pod): Promise<Json> =>
      api.ok("POST", `/apis/discovery.k8s.io/v1/namespaces/${kit.namespace}/endpointslices`, {
        metadata: {
          generateName: "e2e-custom-slice",
          labels: {
            "kubernetes.io/service-name": service.metadata.name,
            "endpointslice.kubernetes.io/managed-by": "e2e-test",
          },
        },
        addressType: "IPv4",
        endpoints: [{ addresses: [pod.status?.podIP], conditions: { ready: true } }],
        ports: [{ name, port, protocol: "TCP" }],
      });
    const withoutSelector = (): Promise<Service> =>
      network.service("custom", {
        ports: [
          { name: "port8080", port: 8080, protocol: "TCP" },
          { name: "port8081", port: 8081, protocol: "TCP" },
        ],
      });

    it("EndpointSlice should support a Service with multiple ports specified in multiple EndpointSlices", async () => {
      const service = await withoutSelector();
      const pod = await kit.ready(await kit.create("handler", { containers: [network.server({ tcp: [8090, 9090] })] }));
      await custom(service, "port8080", 8090, pod);
      await custom(service, "port8081", 9090, pod);
      const { name } = pod.metadata;
      expect(await network.reached([http(service, 8080), http(service, 8081)])).toEqual([name, name]);
      await kit.delete(pod, 0);
    });

    it("EndpointSlice should support a Service with multiple endpoint IPs specified in multiple EndpointSlices", async () => {
      const service = await withoutSelector();
      const pods: Pod[] = [];
      for (const [name, port] of [
        ["port8080", 8090],
        ["port8081", 8090],
      ] as const) {
        const pod = await kit.ready(await kit.create("handler", { containers: [network.server({ tcp: [port] })] }));
        await custom(service, name, port, pod);
        pods.push(pod);
      }
      const names = pods.map(({ metadata }) => metadata.name);
      expect(await network.reached([http(service, 8080), http(service, 8081)])).toEqual(names);
      for (const pod of pods) await kit.delete(pod, 0);
    });

    it("ReplicaSet should serve a basic image on each replica with a public image", async () => {
      const labels = { name: kit.name("basic") };
      const sets = `/apis/apps/v1/namespaces/${kit.namespace}/replicasets`;
      const containers = [{ ...network.server({ tcp: [9376] }), ports: [{ containerPort: 9376 }] }];
      await api.ok("POST", sets, {
        metadata: { name: labels.name },
        spec: {
          replicas: 2,
          selector: { matchLabels: labels },
          template: { metadata: { labels }, spec: { terminationGracePeriodSeconds: 0, containers } },
        },
      });
      const pods = async (): Promise<Json[]> => (await api.get(`${core()}/pods?${selecting(labels)}`)).items;
      await api.until(
        "both run",
        async () => {
          const phases = (await pods()).map(({ status }) => status.phase);
          return phases.join() === "Running,Running";
        },
        40_000,
      );
      for (const { metadata } of await pods())
        await api.until(`${metadata.name} answers with its name`, async () => {
          const { code, body } = await api.call("GET", `${core()}/pods/${metadata.name}/proxy/`);
          return code === 200 && body === metadata.name;
        });
      await api.ok("DELETE", `${sets}/${labels.name}`);
    });

    it("Proxy version v1 should proxy through a service and a pod", async () => {
      const labels = { "proxy-service-target": kit.name("target") };
      const identity = await issueAlone({ name: "porter" }, systemClock.now());
      const service = await network.service("proxy-service", {
        selector: labels,
        ports: [
          { name: "portname1", port: 80, targetPort: "dest1" },
          { name: "portname2", port: 81, targetPort: 8162 },
          { name: "tlsportname1", port: 443, targetPort: "tlsdest1" },
          { name: "tlsportname2", port: 444, targetPort: 8462 },
        ],
      });
      const container = {
        ...porter({
          http: { 8080: '<a href="/rewriteme">test</a>', 8160: "foo", 8162: "bar" },
          https: { 8443: '<a href="/tlsrewriteme">test</a>', 8460: "tls baz", 8462: "tls qux" },
          identity,
        }),
        ports: [
          { containerPort: 8080 },
          { name: "dest1", containerPort: 8160 },
          { name: "dest2", containerPort: 8162 },
          { name: "tlsdest1", containerPort: 8460 },
          { name: "tlsdest2", containerPort: 8462 },
        ],
        readinessProbe: { httpGet: { port: 8080 }, periodSeconds: 1 },
      };
      const deployments = `/apis/apps/v1/namespaces/${kit.namespace}/deployments`;
      const template = { metadata: { labels }, spec: { terminationGracePeriodSeconds: 0, containers: [container] } };
      await api.ok("POST", deployments, {
        metadata: { name: service.metadata.name },
        spec: { replicas: 1, strategy: { type: "Recreate" }, selector: { matchLabels: labels }, template },
      });
      await api.until(
        "it has an endpoint",
        async () => ((await subsetsOf(service))?.[0]?.addresses ?? []).length > 0,
        40_000,
      );
      const [pod] = (await api.get(`${core()}/pods?${selecting(labels)}`)).items;
      const through = (kind: string, scheme: string, name: string, port: string): string => {
        const parts = scheme === "" ? (port === "" ? [name] : [name, port]) : [scheme, name, port];
        return `${core()}/${kind}/${parts.join(":")}/proxy`;
      };
      const ofService = (scheme: string, port: string) => through("services", scheme, service.metadata.name, port);
      const ofPod = (scheme: string, port: string) => through("pods", scheme, pod.metadata.name, port);
      const link = (prefix: string, path: string): string => `<a href="${prefix}${path}">test</a>`;
      const expected: readonly (readonly [path: string, text: string])[] = [
        ...["", "http"].flatMap((scheme) => [
          [ofService(scheme, "portname1"), "foo"] as const,
          [ofService(scheme, "portname2"), "bar"] as const,
          [ofPod(scheme, "8080"), link(ofPod(scheme, "8080"), "/rewriteme")] as const,
          [ofPod(scheme, "8160"), "foo"] as const,
          [ofPod(scheme, "8162"), "bar"] as const,
        ]),
        [ofPod("", ""), link(ofPod("", ""), "/rewriteme")],
        [ofService("https", "tlsportname1"), "tls baz"],
        [ofService("https", "tlsportname2"), "tls qux"],
        [ofPod("https", "8443"), link(ofPod("https", "8443"), "/tlsrewriteme")],
        [ofPod("https", "8460"), "tls baz"],
        [ofPod("https", "8462"), "tls qux"],
      ];
      for (let attempt = 0; attempt < 5; attempt++) {
        const answers = await Promise.all(expected.map(([path]) => api.call("GET", `${path}/`)));
        expect(answers.map(({ code, body }, at) => [expected[at]?.[0], code, body])).toEqual(
          expected.map(([path, text]) => [path, 200, text]),
        );
      }
      await api.ok("DELETE", `${deployments}/${service.metadata.name}`);
      for (const { metadata } of (await api.get("/api/v1/nodes")).items) {
        const { code, body } = await api.call("GET", `/api/v1/nodes/${metadata.name}/proxy/logs/`);
        expect([code, body]).toEqual([200, expect.stringMatching(/^<pre>\n(<a href="[^"]+">[^<]+<\/a>\n)*<\/pre>\n$/)]);
      }
    });

    /** Paths of a pod's and a Service's proxy that lead to the same server. */
    const proxied = async (): Promise<{ readonly pod: Pod; readonly paths: readonly string[] }> => {
      const labels = { test: kit.name("response") };
      const container = { ...porter({ http: { 8080: "foo" }, tellsMethod: true }), ports: [{ containerPort: 8080 }] };
      const pod = await kit.create("agnhost", { restartPolicy: "Never", containers: [container] }, { labels });
      await kit.phase(pod, "Running");
      const service = await network.service("test-service", {
        selector: labels,
        ports: [{ port: 80, targetPort: 8080 }],
      });
      const names = [`pods/${pod.metadata.name}`, `services/${service.metadata.name}`];
      return { pod, paths: names.map((name) => `${core()}/${name}/proxy`) };
    };
    const answers = (method: string, path: string): Promise<void> =>
      api.until(`${method} ${path}`, async () => {
        const { code, body } = await api.call(method, path);
        return code === 200 && (method === "HEAD" || (body?.Method === method && body?.Body === "foo"));
      });

    it("Proxy version v1 a set of valid responses are returned for both pod and service ProxyWithPath", async () => {
      const { pod, paths } = await proxied();
      for (const path of paths)
        for (const method of ["DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"])
          await answers(method, `${path}/some/path/with/${method}`);
      await kit.delete(pod, 0);
    });

    it("Proxy version v1 a set of valid responses are returned for both pod and service Proxy", async () => {
      const { pod, paths } = await proxied();
      for (const path of paths) {
        for (const method of ["DELETE", "OPTIONS", "PATCH", "POST", "PUT"])
          await answers(method, `${path}?method=${method}`);
        for (const method of ["GET", "HEAD"]) {
          const { code, headers } = await api.call(method, `${path}?method=${method}`);
          expect([code, headers.location]).toEqual([301, `${path}/?method=${method}`]);
        }
      }
      await kit.delete(pod, 0);
    });
  },
  { withNode: true },
);
