import { deployments } from "./apps/deployment.js";
import { replicaSets } from "./apps/replicaset.js";
import { leases } from "./coordination/lease.js";
import { configMaps } from "./core/config-map.js";
import { endpoints } from "./core/endpoints.js";
import { events } from "./core/event.js";
import { namespaces } from "./core/namespace.js";
import { nodes } from "./core/node/node.js";
import { secrets } from "./core/secret.js";
import { services } from "./core/service.js";
import { endpointSlices } from "./discovery/endpoint-slice.js";
import { cells, errorsOf, read } from "./kind.test-kit.js";
import { priorityClasses } from "./scheduling/priority-class.js";

const labels = { app: "web" };
const template = { metadata: { labels }, spec: { containers: [{ name: "a", image: "b:1" }] } };
const workload = (spec: object): object => ({ spec: { selector: { matchLabels: labels }, template, ...spec } });

describe("deployments", () => {
  it("have Kubernetes' defaults", () => {
    expect(read(deployments, workload({})).spec).toMatchObject({
      replicas: 1,
      strategy: { type: "RollingUpdate", rollingUpdate: { maxUnavailable: "25%", maxSurge: "25%" } },
      revisionHistoryLimit: 10,
      progressDeadlineSeconds: 600,
    });
    expect(read(deployments, workload({ strategy: { type: "Recreate" } })).spec.strategy).toEqual({ type: "Recreate" });
  });

  it("give their templates no defaults that only pods have", () => {
    const limited = {
      ...template,
      spec: { containers: [{ name: "a", image: "b", resources: { limits: { cpu: "1" } } }] },
    };
    const { spec } = read(deployments, workload({ template: limited })).spec.template;
    expect(spec.enableServiceLinks).toBeUndefined();
    expect(spec.containers[0]?.resources).toEqual({ limits: { cpu: "1" } });
  });

  it.each<[object, string]>([
    [{ spec: { template } }, "spec.selector: Required value"],
    [workload({ selector: {} }), "spec.selector: Invalid value: {}: empty selector is invalid for deployment"],
    [
      workload({ selector: { matchLabels: { app: "other" } } }),
      'spec.template.metadata.labels: Invalid value: {"app":"web"}: `selector` does not match template `labels`',
    ],
    [
      workload({ selector: { matchExpressions: [{ key: "app", operator: "In" }] } }),
      "spec.selector.matchExpressions[0].values: Required value: must be specified when `operator` is 'In' or 'NotIn'",
    ],
    [workload({ template: { metadata: { labels }, spec: {} } }), "spec.template.spec.containers: Required value"],
    [
      workload({ template: { ...template, spec: { ...template.spec, restartPolicy: "Never" } } }),
      'spec.template.spec.restartPolicy: Unsupported value: "Never": supported values: "Always"',
    ],
    [workload({ replicas: -1 }), "spec.replicas: Invalid value: -1: must be greater than or equal to 0"],
    [
      workload({ strategy: { type: "Recreate", rollingUpdate: {} } }),
      "spec.strategy.rollingUpdate: Forbidden: may not be specified when strategy `type` is 'Recreate'",
    ],
    [
      workload({ strategy: { rollingUpdate: { maxSurge: 0, maxUnavailable: "0%" } } }),
      'spec.strategy.rollingUpdate.maxUnavailable: Invalid value: "0%": may not be 0 when `maxSurge` is 0',
    ],
    [
      workload({ minReadySeconds: 600 }),
      "spec.progressDeadlineSeconds: Invalid value: 600: must be greater than minReadySeconds",
    ],
  ])("refuse %j", (fields, message) => {
    expect(errorsOf(deployments, fields)).toContain(message);
  });

  it("tells of the selector and the template whatever else is wrong", () => {
    const wrong = workload({
      selector: { matchLabels: { app: "other" } },
      template: { ...template, spec: { containers: [], restartPolicy: "Never" } },
    });
    expect(errorsOf(deployments, wrong)).toEqual([
      'spec.template.metadata.labels: Invalid value: {"app":"web"}: `selector` does not match template `labels`',
      "spec.template.spec.containers: Required value",
      'spec.template.spec.restartPolicy: Unsupported value: "Never": supported values: "Always"',
    ]);
    const unnamed = workload({
      template: { metadata: { labels, annotations: { "a b": "" } }, spec: {} },
      selector: {},
    });
    expect(errorsOf(deployments, unnamed)).toEqual([
      "spec.selector: Invalid value: {}: empty selector is invalid for deployment",
      expect.stringContaining("spec.template.metadata.annotations"),
      "spec.template.spec.containers: Required value",
    ]);
    expect(errorsOf(deployments, { spec: { template } })).toEqual([
      "spec.selector: Required value",
      'spec.template.metadata.labels: Invalid value: {"app":"web"}: `selector` does not match template `labels`',
    ]);
  });

  it("refuse an operator of a selector that there is not", () => {
    const selector = { matchExpressions: [{ key: "app", operator: "Foo", values: ["x"] }] };
    const told = errorsOf(deployments, workload({ selector }));
    expect(told).toEqual([
      'spec.selector.matchExpressions[0].operator: Invalid value: "Foo": not a valid selector operator',
      `spec.selector: Invalid value: ${JSON.stringify(selector)}: invalid label selector`,
    ]);
  });

  it("never change their selector", () => {
    const other = { app: "other" };
    const changed = workload({
      selector: { matchLabels: other },
      template: { ...template, metadata: { labels: other } },
    });
    expect(errorsOf(deployments, changed, workload({}))).toEqual([
      'spec.selector: Invalid value: {"matchLabels":{"app":"other"}}: field is immutable',
    ]);
  });

  it("print what is ready of what is wanted", () => {
    const status = { replicas: 3, readyReplicas: 2, updatedReplicas: 3, availableReplicas: 1 };
    expect(cells(deployments, { ...workload({ replicas: 3 }), status })).toMatchObject({
      Ready: "2/3",
      "Up-to-date": 3,
      Available: 1,
      Containers: "a",
      Images: "b:1",
      Selector: "app=web",
    });
  });
});

describe("replica sets", () => {
  it("start with a status", () => {
    expect(replicaSets.prepare?.(read(replicaSets, workload({})), undefined).status).toEqual({ replicas: 0 });
  });
  it("print desired, current and ready", () => {
    const fields = { ...workload({ replicas: 2 }), status: { replicas: 1 } };
    expect(cells(replicaSets, fields)).toMatchObject({ Desired: 2, Current: 1, Ready: 0 });
  });
});

describe("services", () => {
  const service = (spec: object): object => ({ spec: { ports: [{ port: 80 }], ...spec } });

  it("send traffic to the port of the same number, cluster-wide", () => {
    expect(read(services, service({ type: "NodePort", sessionAffinity: "ClientIP" })).spec).toEqual({
      type: "NodePort",
      ports: [{ port: 80, protocol: "TCP", targetPort: 80 }],
      sessionAffinity: "ClientIP",
      sessionAffinityConfig: { clientIP: { timeoutSeconds: 10_800 } },
      externalTrafficPolicy: "Cluster",
      internalTrafficPolicy: "Cluster",
    });
  });

  it.each<[object, string]>([
    [{ spec: {} }, "spec.ports: Required value"],
    [service({ ports: [{ port: 0 }] }), "spec.ports[0].port: Invalid value: 0: must be between 1 and 65535, inclusive"],
    [service({ ports: [{ port: 1 }, { port: 2 }] }), "spec.ports[0].name: Required value"],
    [
      service({
        ports: [
          { port: 1, name: "a" },
          { port: 1, name: "b" },
        ],
      }),
      'spec.ports[1]: Duplicate value: {"protocol":"TCP","port":1}',
    ],
    [
      service({ ports: [{ port: 1, nodePort: 30_000 }] }),
      "spec.ports[0].nodePort: Forbidden: may not be used when `type` is 'ClusterIP'",
    ],
    [service({ type: "ExternalName" }), "spec.externalName: Required value"],
    [
      service({ type: "LoadBalancer", clusterIP: "None" }),
      "spec.clusterIPs[0]: Invalid value: \"None\": may not be set to 'None' for LoadBalancer services",
    ],
    [
      service({ externalTrafficPolicy: "Local" }),
      'spec.externalTrafficPolicy: Invalid value: "Local": may only be set for externally-accessible services',
    ],
    [
      service({ clusterIP: "10.0.0.300" }),
      'spec.clusterIPs[0]: Invalid value: "10.0.0.300": must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)',
    ],
  ])("refuse %j", (fields, message) => {
    expect(errorsOf(services, fields)).toContain(message);
  });

  it("keep their address", () => {
    const old = service({ clusterIP: "10.0.0.1", clusterIPs: ["10.0.0.1"] });
    expect(errorsOf(services, service({ clusterIP: "10.0.0.2", clusterIPs: ["10.0.0.2"] }), old)).toEqual([
      'spec.clusterIPs[0]: Invalid value: ["10.0.0.2"]: may not change once set',
    ]);
  });

  it("print addresses and ports", () => {
    const spec = {
      type: "NodePort",
      clusterIP: "10.0.0.1",
      ports: [{ port: 80, nodePort: 30_080 }],
      selector: { b: "2", a: "1" },
    };
    expect(cells(services, { spec })).toMatchObject({
      "Cluster-IP": "10.0.0.1",
      "External-IP": undefined,
      "Port(s)": "80:30080/TCP",
      Selector: "a=1,b=2",
    });
    expect(cells(services, service({ type: "LoadBalancer" }))["External-IP"]).toBe("<pending>");
  });
});

describe("configuration", () => {
  it("checks keys and size", () => {
    expect(errorsOf(configMaps, { data: { "a/b": "" } })[0]).toContain(
      'data[a/b]: Invalid value: "a/b": a valid config key must consist of',
    );
    expect(errorsOf(configMaps, { data: { a: "x" }, binaryData: { a: "YQ==" } })).toEqual([
      'data[a]: Invalid value: "a": duplicate of key present in binaryData',
    ]);
    expect(errorsOf(configMaps, { data: { a: "x".repeat(2 ** 20 + 1) } })).toEqual([
      "[]: Too long: may not be more than 1048576 bytes",
    ]);
    expect(errorsOf(secrets, { data: { a: Buffer.alloc(2 ** 20 + 1).toString("base64") } })).toEqual([
      "data: Too long: may not be more than 1048576 bytes",
    ]);
  });

  it("cannot change once it is sealed", () => {
    expect(errorsOf(configMaps, { data: { a: "2" } }, { data: { a: "1" }, immutable: true })).toEqual([
      "immutable: Forbidden: field is immutable when `immutable` is set",
      "data: Forbidden: field is immutable when `immutable` is set",
    ]);
  });

  it("encodes a secret's stringData", () => {
    const secret = read(secrets, { data: { a: "YQ==", b: "Yg==" }, stringData: { b: "new" } });
    expect(secrets.prepare?.(secret, undefined)).toEqual({
      metadata: { name: "web", namespace: "default" },
      type: "Opaque",
      data: { a: "YQ==", b: "bmV3" },
    });
  });

  it("holds a secret to its type", () => {
    expect(errorsOf(secrets, { type: "kubernetes.io/tls" })).toEqual([
      "data[tls.crt]: Required value",
      "data[tls.key]: Required value",
    ]);
    expect(errorsOf(secrets, { type: "Opaque" }, { type: "other" })).toEqual([
      'type: Invalid value: "Opaque": field is immutable',
    ]);
    expect(cells(secrets, { data: { a: "YQ==" } })).toMatchObject({ Type: "Opaque", Data: 1 });
  });
});

describe("namespaces and nodes", () => {
  it("label a namespace with its name and keep it until it is empty", () => {
    const namespace = namespaces.prepare?.(read(namespaces, { status: { phase: "Terminating" } }), undefined);
    expect(namespace?.metadata.labels).toEqual({ "kubernetes.io/metadata.name": "web" });
    expect(namespace?.spec).toEqual({ finalizers: ["kubernetes"] });
    expect(namespace?.status).toEqual({ phase: "Active" });
    expect(errorsOf(namespaces, { metadata: { name: "a.b" } })).toEqual([
      'metadata.name: Invalid value: "a.b": must not contain dots',
    ]);
  });

  it("print a node's state and roles", () => {
    const metadata = {
      name: "n",
      labels: { "node-role.kubernetes.io/worker": "", "node-role.kubernetes.io/control-plane": "" },
    };
    const status = {
      conditions: [{ type: "Ready", status: "True" }],
      addresses: [{ type: "InternalIP", address: "10.0.0.1" }],
    };
    expect(cells(nodes, { metadata, spec: { unschedulable: true }, status })).toMatchObject({
      Status: "Ready,SchedulingDisabled",
      Roles: "control-plane,worker",
      "Internal-IP": "10.0.0.1",
    });
  });

  it("let a node give what it has, and keep its pods' range", () => {
    const node = read(nodes, { spec: { podCIDR: "10.1.0.0/24" }, status: { capacity: { cpu: "4" } } });
    expect(node.spec.podCIDRs).toEqual(["10.1.0.0/24"]);
    expect(node.status?.allocatable).toEqual({ cpu: "4" });
    expect(errorsOf(nodes, { spec: { podCIDR: "10.2.0.0/24" } }, { spec: { podCIDR: "10.1.0.0/24" } })).toEqual([
      'spec.podCIDRs: Forbidden: node updates may not change podCIDR except from "" to valid',
    ]);
    const taint = { key: "k", effect: "NoSchedule" };
    expect(errorsOf(nodes, { spec: { taints: [taint, taint] } })).toEqual([
      'spec.taints[1]: Duplicate value: "k:NoSchedule"',
    ]);
  });
});

describe("events and leases", () => {
  const event = {
    involvedObject: { kind: "Pod", name: "p", namespace: "default" },
    reason: "Started",
    message: " hello ",
    source: { component: "kubelet", host: "n" },
  };

  it("lie in the namespace of what they tell about", () => {
    expect(errorsOf(events, event)).toEqual([]);
    expect(errorsOf(events, { ...event, involvedObject: { namespace: "other" } })).toEqual([
      'involvedObject.namespace: Invalid value: "other": does not match event.namespace',
    ]);
    expect(events.ttlSeconds).toBe(3600);
  });

  it("print as kubectl shows them", () => {
    const times = { firstTimestamp: "2026-01-01T00:00:03Z", lastTimestamp: "2026-01-01T00:02:00Z" };
    expect(cells(events, { ...event, ...times, count: 2, type: "Normal" })).toEqual({
      "Last Seen": "3s",
      Type: "Normal",
      Reason: "Started",
      Object: "pod/p",
      Subobject: "",
      Source: "kubelet, n",
      Message: "hello",
      "First Seen": "2m",
      Count: 2,
      Name: "web",
    });
  });

  it("keep a lease's released holder as an empty name", () => {
    expect(read(leases, { spec: { holderIdentity: "" } }).spec).toEqual({ holderIdentity: "" });
    expect(errorsOf(leases, { spec: { leaseDurationSeconds: 0 } })).toEqual([
      "spec.leaseDurationSeconds: Invalid value: 0: must be greater than 0",
    ]);
  });
});

describe("endpoints", () => {
  it("name addresses that others can reach", () => {
    expect(errorsOf(endpoints, { subsets: [{ addresses: [{ ip: "169.254.1.1" }] }] })).toEqual([
      'subsets[0].addresses[0].ip: Invalid value: "169.254.1.1": may not be in the link-local range (169.254.0.0/16, fe80::/10)',
    ]);
    expect(errorsOf(endpointSlices, { addressType: "IPv4", endpoints: [{ addresses: ["::1"] }] })).toEqual([
      'endpoints[0].addresses[0]: Invalid value: "::1": must be a valid IPv4 address',
    ]);
    expect(errorsOf(endpointSlices, {})).toEqual(["addressType: Required value"]);
  });

  it("print the first three", () => {
    const addresses = ["1", "2", "3", "4"].map((last) => ({ ip: `10.0.0.${last}` }));
    expect(cells(endpoints, { subsets: [{ addresses, ports: [{ port: 80 }] }] }).Endpoints).toBe(
      "10.0.0.1:80,10.0.0.2:80,10.0.0.3:80 + 1 more...",
    );
    expect(cells(endpointSlices, { addressType: "IPv4" })).toMatchObject({ Ports: "<unset>", Endpoints: "<unset>" });
  });
});

describe("priority classes", () => {
  it("keep the system's names and values for the system", () => {
    expect(errorsOf(priorityClasses, { metadata: { name: "system-node-critical" }, value: 2_000_001_000 })).toEqual([]);
    expect(errorsOf(priorityClasses, { metadata: { name: "system-mine" }, value: 1 })).toEqual([
      "metadata.name: Forbidden: priority class names with 'system-' prefix are reserved for system use only. error: system-mine is not a known system priority class",
    ]);
    expect(errorsOf(priorityClasses, { value: 1_000_000_001 })).toEqual([
      "value: Forbidden: maximum allowed value of a user defined priority is 1000000000",
    ]);
    expect(errorsOf(priorityClasses, { value: 2 }, { value: 1 })).toEqual([
      "value: Forbidden: may not be changed in an update.",
    ]);
  });
});
