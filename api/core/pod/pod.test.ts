import type { ResourceDefinition } from "../../../apimachinery/resource.js";
import { decode } from "../../../apimachinery/schema/decode.js";
import { applyDefaults } from "../../../apimachinery/schema/defaults.js";
import { fieldErrorMessage } from "../../../apimachinery/status.js";
import { validateObject } from "../../../apimachinery/validate-object.js";
import { type Pod, pods } from "./pod.js";

const read = (spec: object, definition: ResourceDefinition<Pod> = pods): Pod => {
  const value = {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name: "web", namespace: "default" },
    spec: { containers: [{ name: "a", image: "busybox:1.36" }], ...spec },
  };
  return applyDefaults(definition.schema, decode(definition.schema, value, { strict: "Strict" }).value);
};
const container = (fields: object): object => ({ containers: [{ name: "a", image: "busybox:1.36", ...fields }] });
const errorsOf = (spec: object): readonly string[] =>
  validateObject(pods, read(spec), undefined).map(fieldErrorMessage);

describe("defaults of a pod", () => {
  it("are those of Kubernetes", () => {
    const pod = read({
      containers: [
        {
          name: "a",
          image: "busybox",
          resources: { limits: { cpu: "1000m", memory: "64Mi" }, requests: { memory: "32Mi" } },
          readinessProbe: { httpGet: { port: 80 } },
          env: [{ name: "NAME", valueFrom: { fieldRef: { fieldPath: "metadata.name" } } }],
        },
      ],
      volumes: [{ name: "v" }, { name: "c", configMap: { name: "c" } }],
      serviceAccountName: "builder",
    });
    expect(pod.spec).toEqual({
      containers: [
        {
          name: "a",
          image: "busybox",
          resources: { limits: { cpu: "1", memory: "64Mi" }, requests: { cpu: "1", memory: "32Mi" } },
          readinessProbe: {
            httpGet: { port: 80, path: "/", scheme: "HTTP" },
            timeoutSeconds: 1,
            periodSeconds: 10,
            successThreshold: 1,
            failureThreshold: 3,
          },
          env: [{ name: "NAME", valueFrom: { fieldRef: { apiVersion: "v1", fieldPath: "metadata.name" } } }],
          terminationMessagePath: "/dev/termination-log",
          terminationMessagePolicy: "File",
          imagePullPolicy: "Always",
        },
      ],
      volumes: [
        { name: "v", emptyDir: {} },
        { name: "c", configMap: { name: "c", defaultMode: 0o644 } },
      ],
      serviceAccountName: "builder",
      serviceAccount: "builder",
      restartPolicy: "Always",
      terminationGracePeriodSeconds: 30,
      dnsPolicy: "ClusterFirst",
      securityContext: {},
      schedulerName: "default-scheduler",
      enableServiceLinks: true,
    });
  });

  it.each([
    ["busybox", "Always"],
    ["busybox:latest", "Always"],
    ["busybox:1", "IfNotPresent"],
    ["localhost:5000/busybox", "Always"],
    ["localhost:5000/busybox:1", "IfNotPresent"],
    ["busybox@sha256:abc", "IfNotPresent"],
  ])("pulls %s %s", (image, policy) => {
    expect(read(container({ image })).spec.containers[0]?.imagePullPolicy).toBe(policy);
  });

  it("opens the ports of a pod on the host's network there", () => {
    const spec = { hostNetwork: true, ...container({ ports: [{ containerPort: 80 }] }) };
    expect(read(spec).spec.containers[0]?.ports).toEqual([{ containerPort: 80, hostPort: 80, protocol: "TCP" }]);
  });

  it("reads zero as absent where the API's number is not a pointer", () => {
    const probe = { tcpSocket: { port: 1 }, periodSeconds: 0, failureThreshold: 0 };
    expect(read(container({ livenessProbe: probe })).spec.containers[0]?.livenessProbe).toMatchObject({
      periodSeconds: 10,
      failureThreshold: 3,
    });
    expect(read({ terminationGracePeriodSeconds: 0 }).spec.terminationGracePeriodSeconds).toBe(0);
  });
});

describe("a pod with many faults", () => {
  it("is told of all of them at once, volumes first", () => {
    const faulty = {
      containers: [
        {
          name: "C",
          image: "",
          env: [{ name: "", value: "x" }],
          ports: [
            { containerPort: 99999, hostPort: 80, name: "longer-than-fifteen-letters" },
            { containerPort: 81, hostPort: 81 },
          ],
          volumeMounts: [
            { name: "unknown", mountPath: "/a" },
            { name: "v", mountPath: "/a" },
          ],
        },
        { name: "C", image: "b", ports: [{ containerPort: 81, hostPort: 81 }] },
      ],
      volumes: [{ name: "v" }, { name: "v" }],
    };
    const first = "spec.containers[0]";
    const label = expect.stringContaining("a lowercase RFC 1123 label must consist of");
    const told = errorsOf(faulty);
    expect(told).toEqual([
      'spec.volumes[1].name: Duplicate value: "v"',
      label,
      `${first}.image: Required value`,
      `${first}.ports[0].containerPort: Invalid value: 99999: must be between 1 and 65535, inclusive`,
      `${first}.ports[0].name: Invalid value: "longer-than-fifteen-letters": must be no more than 15 characters`,
      `${first}.env[0].name: Required value`,
      `${first}.volumeMounts[0].name: Not found: "unknown"`,
      `${first}.volumeMounts[1].mountPath: Invalid value: "/a": must be unique`,
      label,
      'spec.containers[1].name: Duplicate value: "C"',
      'spec.containers[1].ports[0].hostPort: Duplicate value: "TCP//81"',
    ]);
  });

  it("is told what else is wrong though its containers are missing", () => {
    expect(errorsOf({ containers: [], volumes: [{}, { name: "v" }, { name: "v" }], nodeName: "A" })).toEqual([
      "spec.volumes[0].name: Required value",
      'spec.volumes[2].name: Duplicate value: "v"',
      "spec.containers: Required value",
      expect.stringContaining('spec.nodeName: Invalid value: "A"'),
    ]);
  });
});

describe("a volume of two sources", () => {
  it("has one too many, the same in whatever order they come", () => {
    const sources: readonly object[] = [{ emptyDir: {} }, { configMap: { name: "c" } }];
    for (const [one, other] of [sources, sources.toReversed()])
      expect(errorsOf({ volumes: [{ name: "v", ...one, ...other }] })).toEqual([
        "spec.volumes[0].configMap: Forbidden: may not specify more than 1 volume type",
      ]);
  });
});

describe("rules of a pod", () => {
  it("lets a plain pod pass", () => {
    expect(errorsOf({})).toEqual([]);
  });

  const first = "spec.containers[0]";
  it.each<[object, string]>([
    [{ containers: [] }, "spec.containers: Required value"],
    [{ containers: [{ image: "b" }] }, `${first}.name: Required value`],
    [container({ image: "" }), `${first}.image: Required value`],
    [container({ image: " b" }), `${first}.image: Invalid value: " b": must not have leading or trailing whitespace`],
    [
      {
        containers: [
          { name: "a", image: "b" },
          { name: "a", image: "b" },
        ],
      },
      'spec.containers[1].name: Duplicate value: "a"',
    ],
    [{ initContainers: [{ name: "a", image: "b" }] }, 'spec.initContainers[0].name: Duplicate value: "a"'],
    [
      { restartPolicy: "Sometimes" },
      'spec.restartPolicy: Unsupported value: "Sometimes": supported values: "Always", "Never", "OnFailure"',
    ],
    [
      container({ ports: [{ containerPort: 0 }] }),
      `${first}.ports[0].containerPort: Invalid value: 0: must be between 1 and 65535, inclusive`,
    ],
    [container({ ports: [{}] }), `${first}.ports[0].containerPort: Required value`],
    [
      container({ ports: [{ containerPort: 1, protocol: "ICMP" }] }),
      `${first}.ports[0].protocol: Unsupported value: "ICMP": supported values: "SCTP", "TCP", "UDP"`,
    ],
    [
      container({
        ports: [
          { containerPort: 1, name: "x" },
          { containerPort: 2, name: "x" },
        ],
      }),
      `${first}.ports[1].name: Duplicate value: "x"`,
    ],
    [
      container({
        ports: [
          { containerPort: 1, hostPort: 9 },
          { containerPort: 2, hostPort: 9 },
        ],
      }),
      `${first}.ports[1].hostPort: Duplicate value: "TCP//9"`,
    ],
    [container({ env: [{ value: "x" }] }), `${first}.env[0].name: Required value`],
    [
      container({ env: [{ name: "A", value: "x", valueFrom: { fieldRef: { fieldPath: "metadata.name" } } }] }),
      `${first}.env[0].valueFrom: Invalid value: "": may not be specified when \`value\` is not empty`,
    ],
    [
      container({ env: [{ name: "A", valueFrom: { fieldRef: { fieldPath: "status.phase" } } }] }),
      `${first}.env[0].valueFrom.fieldRef.fieldPath: Unsupported value: "status.phase": supported values: "metadata.name", "metadata.namespace", "metadata.uid", "spec.nodeName", "spec.serviceAccountName", "status.hostIP", "status.hostIPs", "status.podIP", "status.podIPs"`,
    ],
    [
      container({ envFrom: [{}] }),
      `${first}.envFrom[0]: Invalid value: "": must specify one of: \`configMapRef\` or \`secretRef\``,
    ],
    [container({ volumeMounts: [{ name: "v", mountPath: "/x" }] }), `${first}.volumeMounts[0].name: Not found: "v"`],
    [
      {
        volumes: [{ name: "v" }],
        ...container({
          volumeMounts: [
            { name: "v", mountPath: "/x" },
            { name: "v", mountPath: "/x" },
          ],
        }),
      },
      `${first}.volumeMounts[1].mountPath: Invalid value: "/x": must be unique`,
    ],
    [
      { volumes: [{ name: "v" }], ...container({ volumeMounts: [{ name: "v", mountPath: "/x", subPath: "../y" }] }) },
      `${first}.volumeMounts[0].subPath: Invalid value: "../y": must not contain '..'`,
    ],
    [{ volumes: [{ name: "v" }, { name: "v" }] }, 'spec.volumes[1].name: Duplicate value: "v"'],
    [
      { volumes: [{ name: "v", emptyDir: {}, secret: { secretName: "s" } }] },
      "spec.volumes[0].secret: Forbidden: may not specify more than 1 volume type",
    ],
    [{ volumes: [{ name: "v", secret: {} }] }, "spec.volumes[0].secret.secretName: Required value"],
    [
      { volumes: [{ name: "v", configMap: { name: "c", defaultMode: 512 } }] },
      "spec.volumes[0].configMap.defaultMode: Invalid value: 512: must be a number between 0 and 0777 (octal), both inclusive",
    ],
    [
      { volumes: [{ name: "v", hostPath: { path: "/a/../b" } }] },
      "spec.volumes[0].hostPath.path: Invalid value: \"/a/../b\": must not contain '..'",
    ],
    [container({ livenessProbe: {} }), `${first}.livenessProbe: Required value: must specify a handler type`],
    [
      container({ livenessProbe: { exec: { command: ["x"] }, tcpSocket: { port: 1 } } }),
      `${first}.livenessProbe.tcpSocket: Forbidden: may not specify more than 1 handler type`,
    ],
    [
      container({ livenessProbe: { exec: { command: ["x"] }, successThreshold: 2 } }),
      `${first}.livenessProbe.successThreshold: Invalid value: 2: must be 1`,
    ],
    [
      container({ livenessProbe: { tcpSocket: { port: 1 }, timeoutSeconds: -1 } }),
      `${first}.livenessProbe.timeoutSeconds: Invalid value: -1: must be greater than or equal to 0`,
    ],
    [
      { initContainers: [{ name: "i", image: "b", readinessProbe: { tcpSocket: { port: 1 } } }] },
      "spec.initContainers[0].readinessProbe: Forbidden: may not be set for init containers without restartPolicy=Always",
    ],
    [
      container({ resources: { requests: { cpu: "2" }, limits: { cpu: "1" } } }),
      `${first}.resources.requests: Invalid value: "2": must be less than or equal to cpu limit of 1`,
    ],
    [
      container({ resources: { requests: { memory: "-1" } } }),
      `${first}.resources.requests[memory]: Invalid value: "-1": must be greater than or equal to 0`,
    ],
    [
      container({ resources: { limits: { "example.com/gpu": "500m" } } }),
      `${first}.resources.limits[example.com/gpu]: Invalid value: "500m": must be an integer`,
    ],
    [
      container({ securityContext: { runAsUser: -1 } }),
      `${first}.securityContext.runAsUser: Invalid value: -1: must be between 0 and 2147483647, inclusive`,
    ],
    [
      { activeDeadlineSeconds: 0 },
      "spec.activeDeadlineSeconds: Invalid value: 0: must be between 1 and 2147483647, inclusive",
    ],
    [{ dnsPolicy: "None" }, "spec.dnsConfig: Required value: must provide `dnsConfig` when `dnsPolicy` is None"],
    [
      { nodeSelector: { "a b": "c" } },
      "spec.nodeSelector: Invalid value: \"a b\": name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')",
    ],
    [
      { tolerations: [{ effect: "NoSchedule", key: "k", operator: "Exists", tolerationSeconds: 1 }] },
      "spec.tolerations[0].effect: Invalid value: \"NoSchedule\": effect must be 'NoExecute' when `tolerationSeconds` is set",
    ],
    [
      { topologySpreadConstraints: [{ maxSkew: 0, topologyKey: "zone", whenUnsatisfiable: "DoNotSchedule" }] },
      "spec.topologySpreadConstraints[0].maxSkew: Invalid value: 0: must be greater than zero",
    ],
    [
      { securityContext: { seccompProfile: { type: "Localhost", localhostProfile: "a/../../b" } } },
      "spec.securityContext.seccompProfile.localhostProfile: Invalid value: \"a/../../b\": must not contain '..'",
    ],
    [
      { securityContext: { seccompProfile: { type: "Localhost", localhostProfile: "/etc/b" } } },
      'spec.securityContext.seccompProfile.localhostProfile: Invalid value: "/etc/b": must be a relative path',
    ],
    [
      { ephemeralContainers: [{ name: "e", image: "b" }] },
      "spec.ephemeralContainers: Forbidden: cannot be set on create",
    ],
    [
      { nodeName: "n", schedulingGates: [{ name: "g" }] },
      "spec.nodeName: Forbidden: cannot be set until all schedulingGates have been cleared",
    ],
    [
      {
        affinity: {
          nodeAffinity: { preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 101, preference: {} }] },
        },
      },
      "spec.affinity.nodeAffinity.preferredDuringSchedulingIgnoredDuringExecution[0].weight: Invalid value: 101: must be between 1 and 100, inclusive",
    ],
  ])("refuses %j", (spec, message) => {
    expect(errorsOf(spec)).toContain(message);
  });
});

describe("updates of a pod", () => {
  const old = read({ tolerations: [{ key: "a", operator: "Exists" }], activeDeadlineSeconds: 10 });
  const changed = (change: Partial<Pod["spec"]>): readonly string[] =>
    validateObject(pods, { ...old, spec: { ...old.spec, ...change } }, old).map(fieldErrorMessage);

  it("may change images, add tolerations and shorten the deadline", () => {
    const [only] = old.spec.containers;
    const containers = only ? [{ ...only, image: "busybox:2" }] : [];
    expect(changed({ containers })).toEqual([]);
    expect(changed({ tolerations: [...(old.spec.tolerations ?? []), { key: "b", operator: "Exists" }] })).toEqual([]);
    expect(changed({ activeDeadlineSeconds: 5 })).toEqual([]);
  });

  it("may change nothing else", () => {
    expect(changed({ nodeName: "other" })[0]).toMatch(
      /^spec: Forbidden: pod updates may not change fields other than `spec.containers\[\*\].image`.*\nchanged: spec\.\S+$/s,
    );
    expect(changed({ activeDeadlineSeconds: 20 })).toEqual([
      "spec.activeDeadlineSeconds: Invalid value: 20: must be less than or equal to previous value",
    ]);
    expect(changed({ tolerations: [] })).toEqual([
      "spec.tolerations: Forbidden: existing toleration can not be modified except its tolerationSeconds",
    ]);
    expect(changed({ schedulingGates: [{ name: "late" }] })).toEqual([
      "spec.schedulingGates: Forbidden: only deletion is allowed, but found new scheduling gate 'late'",
    ]);
    expect(changed({ containers: [...old.spec.containers, ...old.spec.containers] })).toContain(
      "spec.containers: Forbidden: pod updates may not add or remove containers",
    );
  });
});

describe("the life of a pod", () => {
  it("starts Pending, whatever status was sent", () => {
    const sent: Pod = { ...read({}), status: { phase: "Running" } };
    expect(pods.prepare?.(sent, undefined).status).toEqual({ phase: "Pending", qosClass: "BestEffort" });
    expect(pods.prepare?.(read({ schedulingGates: [{ name: "g" }] }), undefined).status?.conditions).toEqual([
      expect.objectContaining({ type: "PodScheduled", status: "False", reason: "SchedulingGated" }),
    ]);
  });

  it("ends at once where nothing runs, else after its grace", () => {
    const running: Pod = { ...read({ nodeName: "n" }), status: { phase: "Running" } };
    expect(pods.gracefulDeletion?.(read({}), undefined)).toBe(0);
    expect(pods.gracefulDeletion?.(running, undefined)).toBe(30);
    expect(pods.gracefulDeletion?.(running, 5)).toBe(5);
    expect(pods.gracefulDeletion?.(running, -1)).toBe(1);
    expect(pods.gracefulDeletion?.({ ...running, status: { phase: "Failed" } }, 5)).toBe(0);
  });

  it("keeps podIP and podIPs together", () => {
    const value = { spec: {}, status: { podIP: "10.0.0.1" } };
    const pod = applyDefaults(pods.schema, decode(pods.schema, value, { strict: "Strict" }).value);
    expect(pod.status?.podIPs).toEqual([{ ip: "10.0.0.1" }]);
  });
});
