/** Bodies of creates, with `@NAME@` for the name. */
export const configMapBody = JSON.stringify({
  apiVersion: "v1",
  kind: "ConfigMap",
  metadata: { name: "@NAME@", labels: { app: "bench" } },
  data: { "settings.yaml": "x".repeat(500) },
});

/** A pod as a template makes it, of about 1.5 KB as stored. */
export const podBody = (spec: object = {}): string =>
  JSON.stringify({
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name: "@NAME@", labels: { app: "bench", tier: "backend" } },
    spec: {
      containers: [
        {
          name: "main",
          image: "registry.example/app:1.2.3",
          env: Array.from({ length: 5 }, (_, n) => ({ name: `NAME_${n}`, value: `value-${n}` })),
          ports: [{ containerPort: 8080, name: "http" }],
          resources: { requests: { cpu: "100m", memory: "64Mi" }, limits: { memory: "128Mi" } },
        },
      ],
      ...spec,
    },
  });

export const nodeBody = JSON.stringify({
  apiVersion: "v1",
  kind: "Node",
  metadata: { name: "@NAME@", labels: { "kubernetes.io/hostname": "@NAME@", "kubernetes.io/os": "linux" } },
});

const amounts = { cpu: "32", memory: "128Gi", pods: "110", "ephemeral-storage": "100Gi" };

/** What an agent would report of a node that is well. */
export const nodeStatus = (at: string): object => ({
  status: {
    capacity: amounts,
    allocatable: amounts,
    conditions: [
      {
        type: "Ready",
        status: "True",
        reason: "KubeletReady",
        message: "",
        lastHeartbeatTime: at,
        lastTransitionTime: at,
      },
    ],
  },
});
