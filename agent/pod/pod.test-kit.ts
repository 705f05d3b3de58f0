/** For tests: pods, views and runs, told by what is special about them. */
import type { Container } from "../../api/core/pod/container.js";
import type { Pod } from "../../api/core/pod/pod.js";
import type { PodSpec } from "../../api/core/pod/spec.js";
import type { ContainerRecord, Sandbox } from "../runtime/runtime.js";
import type { PodView } from "./view.js";

export const nowMs = Date.UTC(2030, 0, 1);

export const container = (name: string, parts: Partial<Container> = {}): Container => ({
  name,
  image: "busybox",
  resources: {},
  terminationMessagePath: "/dev/termination-log",
  terminationMessagePolicy: "File",
  ...parts,
});

export const pod = (
  spec: Partial<PodSpec> = {},
  rest: { readonly metadata?: object; readonly status?: Pod["status"] } = {},
): Pod => ({
  apiVersion: "v1",
  kind: "Pod",
  metadata: {
    name: "p",
    namespace: "default",
    uid: "u",
    resourceVersion: "1",
    creationTimestamp: "2030-01-01T00:00:00Z",
    ...rest.metadata,
  },
  spec: {
    containers: [container("main")],
    restartPolicy: "Always",
    terminationGracePeriodSeconds: 30,
    dnsPolicy: "ClusterFirst",
    securityContext: {},
    schedulerName: "default-scheduler",
    enableServiceLinks: true,
    nodeName: "node",
    ...spec,
  },
  ...(rest.status ? { status: rest.status } : {}),
});

export const sandbox = (parts: Partial<Sandbox> = {}): Sandbox => ({
  id: "sandbox-0",
  pod: { uid: "u", namespace: "default", name: "p" },
  attempt: 0,
  state: "ready",
  createdAtMs: nowMs,
  ips: ["127.64.0.2"],
  annotations: {},
  ...parts,
});

export const run = (name: string, parts: Partial<ContainerRecord> = {}): ContainerRecord => ({
  id: `${name}-${parts.attempt ?? 0}`,
  sandboxId: "sandbox-0",
  pod: { uid: "u", namespace: "default", name: "p" },
  name,
  attempt: 0,
  state: "running",
  createdAtMs: nowMs - 1_000,
  startedAtMs: nowMs - 1_000,
  image: "busybox",
  imageId: "process://busybox:latest",
  annotations: { "navarch.dev/back-off-ms": "-1" },
  ...parts,
});

/** A run that has just ended, after a second. */
export const ended = (name: string, exitCode: number, parts: Partial<ContainerRecord> = {}): ContainerRecord =>
  run(name, {
    state: "exited",
    exitCode,
    finishedAtMs: nowMs,
    reason: exitCode === 0 ? "Completed" : "Error",
    ...parts,
  });

export const view = (parts: Partial<PodView> = {}): PodView => ({
  pod: pod(),
  gone: false,
  sandboxes: [],
  containers: [],
  health: new Map(
    (parts.containers ?? [])
      .filter(({ state }) => state === "running")
      .map(({ id }) => [id, { started: true, ready: true }]),
  ),
  failures: new Map(),
  stopping: new Map(),
  messages: new Map(),
  endingSinceMs: undefined,
  shutdownByMs: undefined,
  nowMs,
  ...parts,
});
