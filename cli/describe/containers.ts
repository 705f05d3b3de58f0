import { isQuantity, parseQuantity } from "../../apimachinery/quantity.js";
import { type Layout, timeText } from "./layout.js";

export interface ContainerSpec {
  readonly name: string;
  readonly image?: string;
  readonly command?: readonly string[];
  readonly args?: readonly string[];
  readonly ports?: readonly {
    readonly containerPort: number;
    readonly hostPort?: number;
    readonly protocol?: string;
    readonly name?: string;
  }[];
  readonly resources?: {
    readonly limits?: Readonly<Record<string, string>>;
    readonly requests?: Readonly<Record<string, string>>;
  };
  readonly env?: readonly EnvVar[];
  readonly envFrom?: readonly {
    readonly prefix?: string;
    readonly configMapRef?: { readonly name?: string; readonly optional?: boolean };
    readonly secretRef?: { readonly name?: string; readonly optional?: boolean };
  }[];
  readonly volumeMounts?: readonly {
    readonly name: string;
    readonly mountPath: string;
    readonly readOnly?: boolean;
    readonly subPath?: string;
  }[];
  readonly livenessProbe?: Probe;
  readonly readinessProbe?: Probe;
  readonly startupProbe?: Probe;
}
interface EnvVar {
  readonly name: string;
  readonly value?: string;
  readonly valueFrom?: {
    readonly fieldRef?: { readonly apiVersion?: string; readonly fieldPath: string };
    readonly resourceFieldRef?: { readonly resource: string; readonly divisor?: string };
    readonly secretKeyRef?: { readonly key: string; readonly name?: string; readonly optional?: boolean };
    readonly configMapKeyRef?: { readonly key: string; readonly name?: string; readonly optional?: boolean };
  };
}
export interface ContainerStatus {
  readonly name: string;
  readonly containerID?: string;
  readonly imageID?: string;
  readonly ready?: boolean;
  readonly restartCount?: number;
  readonly state?: ContainerState;
  readonly lastState?: ContainerState;
}
interface ContainerState {
  readonly running?: { readonly startedAt?: string };
  readonly waiting?: { readonly reason?: string; readonly message?: string };
  readonly terminated?: {
    readonly reason?: string;
    readonly message?: string;
    readonly exitCode: number;
    readonly signal?: number;
    readonly startedAt?: string;
    readonly finishedAt?: string;
  };
}
interface Probe {
  readonly exec?: { readonly command?: readonly string[] };
  readonly httpGet?: {
    readonly scheme?: string;
    readonly host?: string;
    readonly port: number | string;
    readonly path?: string;
  };
  readonly tcpSocket?: { readonly host?: string; readonly port: number | string };
  readonly grpc?: { readonly port: number; readonly service?: string };
  readonly initialDelaySeconds?: number;
  readonly timeoutSeconds?: number;
  readonly periodSeconds?: number;
  readonly successThreshold?: number;
  readonly failureThreshold?: number;
}

/** Containers with, for a live pod, their states. */
export function describeContainers(
  layout: Layout,
  level: number,
  title: string,
  containers: readonly ContainerSpec[],
  statuses: readonly ContainerStatus[] | undefined,
): void {
  layout.line(level, `${title}:`);
  for (const container of containers) {
    const status = statuses?.find(({ name }) => name === container.name);
    // In a template the name is a blank further in than its level, as kubectl has it.
    layout.line(1, `${level > 0 ? " " : ""}${container.name}:`);
    describeBasics(layout, 2, container, status);
    if (status) describeStatus(layout, 2, status);
    describeNeeds(layout, 2, container);
    describeEnvironment(layout, 2, container);
    describeMounts(layout, 2, container);
  }
}

function describeBasics(
  layout: Layout,
  level: number,
  container: ContainerSpec,
  status: ContainerStatus | undefined,
): void {
  if (status) layout.line(level, `Container ID:\t${status.containerID ?? ""}`);
  layout.line(level, `Image:\t${container.image ?? ""}`);
  if (status) layout.line(level, `Image ID:\t${status.imageID ?? ""}`);
  const ports = container.ports ?? [];
  const many = ports.length > 1 ? "s" : "";
  layout.field(
    level,
    `Port${many}`,
    ports
      .map(({ containerPort, protocol = "TCP", name }) => `${containerPort}/${protocol}${name ? ` (${name})` : ""}`)
      .join(", "),
  );
  layout.field(
    level,
    `Host Port${many}`,
    ports
      .map(({ hostPort = 0, protocol = "TCP", name }) => `${hostPort}/${protocol}${name ? ` (${name})` : ""}`)
      .join(", "),
  );
  describeWords(layout, level, "Command", container.command);
  describeWords(layout, level, "Args", container.args);
}

function describeWords(layout: Layout, level: number, title: string, words: readonly string[] | undefined): void {
  if (!words?.length) return;
  layout.line(level, `${title}:`);
  for (const word of words) for (const line of word.split("\n")) layout.line(level + 1, line);
}

function describeStatus(layout: Layout, level: number, status: ContainerStatus): void {
  describeState(layout, level, "State", status.state ?? { waiting: {} });
  if (status.lastState?.terminated) describeState(layout, level, "Last State", status.lastState);
  layout.field(level, "Ready", status.ready ? "True" : "False");
  layout.field(level, "Restart Count", status.restartCount ?? 0);
}

function describeState(
  layout: Layout,
  level: number,
  title: string,
  { running, terminated, waiting }: ContainerState,
): void {
  if (running) {
    layout.field(level, title, "Running");
    layout.field(level + 1, "Started", timeText(running.startedAt));
  } else if (terminated) {
    layout.field(level, title, "Terminated");
    layout.given(level + 1, "Reason", terminated.reason);
    layout.given(level + 1, "Message", terminated.message);
    layout.field(level + 1, "Exit Code", terminated.exitCode);
    layout.given(level + 1, "Signal", terminated.signal || undefined);
    layout.field(level + 1, "Started", timeText(terminated.startedAt));
    layout.field(level + 1, "Finished", timeText(terminated.finishedAt));
  } else {
    layout.field(level, title, "Waiting");
    layout.given(level + 1, "Reason", waiting?.reason);
  }
}

function describeNeeds(layout: Layout, level: number, container: ContainerSpec): void {
  for (const [title, amounts] of [
    ["Limits", container.resources?.limits],
    ["Requests", container.resources?.requests],
  ] as const) {
    const entries = Object.entries(amounts ?? {}).sort(([a], [b]) => (a < b ? -1 : 1));
    if (entries.length > 0) layout.line(level, `${title}:`);
    for (const [name, amount] of entries) layout.field(level + 1, name, amount);
  }
  for (const [title, probe] of [
    ["Liveness", container.livenessProbe],
    ["Readiness", container.readinessProbe],
    ["Startup", container.startupProbe],
  ] as const) {
    if (probe) layout.field(level, title, probeText(probe));
  }
}

export function probeText(probe: Probe): string {
  const {
    initialDelaySeconds = 0,
    timeoutSeconds = 0,
    periodSeconds = 0,
    successThreshold = 0,
    failureThreshold = 0,
  } = probe;
  const times = `delay=${initialDelaySeconds}s timeout=${timeoutSeconds}s period=${periodSeconds}s #success=${successThreshold} #failure=${failureThreshold}`;
  if (probe.exec) return `exec [${(probe.exec.command ?? []).join(" ")}] ${times}`;
  if (probe.httpGet) {
    const { scheme = "HTTP", host = "", port, path = "" } = probe.httpGet;
    return `http-get ${scheme.toLowerCase()}://${host}:${port}${path.startsWith("/") ? "" : "/"}${path} ${times}`;
  }
  if (probe.tcpSocket) return `tcp-socket ${probe.tcpSocket.host ?? ""}:${probe.tcpSocket.port} ${times}`;
  if (probe.grpc) return `grpc <pod>:${probe.grpc.port} ${probe.grpc.service ?? ""} ${times}`;
  return `unknown ${times}`;
}

function describeEnvironment(layout: Layout, level: number, container: ContainerSpec): void {
  const { env = [], envFrom = [] } = container;
  if (envFrom.length > 0) {
    layout.line(level, "Environment Variables from:");
    for (const { configMapRef, secretRef, prefix } of envFrom) {
      const source = configMapRef ?? secretRef;
      const kind = configMapRef ? "ConfigMap" : "Secret";
      layout.line(
        level + 1,
        `${source?.name ?? ""}\t${kind}${prefix ? ` with prefix '${prefix}'` : ""}\tOptional: ${source?.optional ?? false}`,
      );
    }
  }
  if (env.length === 0) layout.field(level, "Environment", undefined);
  else layout.line(level, "Environment:");
  for (const one of env) layout.line(level + 1, `${one.name}:\t${envText(one, container)}`);
}

function envText({ value, valueFrom }: EnvVar, container: ContainerSpec): string {
  if (!valueFrom) return value ?? "";
  const { fieldRef, resourceFieldRef, secretKeyRef, configMapKeyRef } = valueFrom;
  if (fieldRef) return ` (${fieldRef.apiVersion ?? "v1"}:${fieldRef.fieldPath})`;
  if (resourceFieldRef) return `${resourceText(resourceFieldRef, container)} (${resourceFieldRef.resource})`;
  const reference = secretKeyRef ?? configMapKeyRef;
  const kind = secretKeyRef ? "secret" : "config map";
  return `<set to the key '${reference?.key ?? ""}' ${secretKeyRef ? "in" : "of"} ${kind} '${reference?.name ?? ""}'>  Optional: ${reference?.optional ?? false}`;
}

/** The amount in units of the divisor, rounded up; kubectl takes the container at hand, whichever is named. */
function resourceText(
  { resource, divisor = "0" }: { readonly resource: string; readonly divisor?: string },
  { resources }: ContainerSpec,
): string {
  const dot = resource.indexOf(".");
  const amounts = resource.slice(0, dot) === "limits" ? resources?.limits : resources?.requests;
  const name = resource.slice(dot + 1);
  const amount = String((amounts && Object.hasOwn(amounts, name) ? amounts[name] : undefined) ?? "0");
  if (!isQuantity(amount) || !isQuantity(divisor)) return "";
  const wanted = parseQuantity(amount).nanos;
  if (wanted === 0n && (resource === "limits.cpu" || resource === "limits.memory")) return "node allocatable";
  const by = parseQuantity(divisor).nanos || parseQuantity("1").nanos;
  return String((wanted + by - 1n) / by);
}

function describeMounts(layout: Layout, level: number, { volumeMounts = [] }: ContainerSpec): void {
  if (volumeMounts.length === 0) layout.field(level, "Mounts", undefined);
  else layout.line(level, "Mounts:");
  for (const { name, mountPath, readOnly, subPath } of volumeMounts.toSorted((a, b) =>
    a.mountPath < b.mountPath ? -1 : 1,
  )) {
    const how = [readOnly ? "ro" : "rw", ...(subPath ? [`path=${JSON.stringify(subPath)}`] : [])];
    layout.line(level + 1, `${mountPath} from ${name} (${how.join(",")})`);
  }
}
