import {
  addRules,
  type Infer,
  int32,
  int64,
  intOrString,
  list,
  object,
  oneOf,
  optional,
  ref,
  string,
} from "../../../apimachinery/schema/schema.js";
import { execRules, headerRules, lifecycleHandlerRules, portRules, probeRules } from "./probe-rules.js";

export const probe = object("Probe", {
  exec: optional(ref<ExecAction>(() => execAction)),
  httpGet: optional(ref<HTTPGetAction>(() => httpGetAction)),
  tcpSocket: optional(ref<TCPSocketAction>(() => tcpSocketAction)),
  grpc: optional(ref<GRPCAction>(() => grpcAction)),
  initialDelaySeconds: optional(int32({ omitZero: true, min: 0 })),
  timeoutSeconds: int32({ default: 1, omitZero: true, min: 0 }),
  periodSeconds: int32({ default: 10, omitZero: true, min: 0 }),
  successThreshold: int32({ default: 1, omitZero: true, min: 0 }),
  failureThreshold: int32({ default: 3, omitZero: true, min: 0 }),
  terminationGracePeriodSeconds: optional(int64()),
});
export interface Probe extends Infer<typeof probe> {}
addRules(probe, { validate: probeRules });

export const execAction = object("ExecAction", {
  command: optional(list(string())),
});
export interface ExecAction extends Infer<typeof execAction> {}
addRules(execAction, { validate: execRules });

export const httpGetAction = object("HTTPGetAction", {
  path: string({ default: "/" }),
  port: intOrString(),
  host: optional(string()),
  scheme: oneOf(["HTTP", "HTTPS"], { default: "HTTP" }),
  httpHeaders: optional(list(ref<HTTPHeader>(() => httpHeader))),
});
export interface HTTPGetAction extends Infer<typeof httpGetAction> {}
addRules(httpGetAction, { validate: portRules });

export const httpHeader = object("HTTPHeader", {
  name: string({ nonEmpty: true }),
  value: string({ default: "" }),
});
export interface HTTPHeader extends Infer<typeof httpHeader> {}
addRules(httpHeader, { validate: headerRules });

export const tcpSocketAction = object("TCPSocketAction", {
  port: intOrString(),
  host: optional(string()),
});
export interface TCPSocketAction extends Infer<typeof tcpSocketAction> {}
addRules(tcpSocketAction, { validate: portRules });

export const grpcAction = object("GRPCAction", {
  port: int32({ min: 1, max: 65535 }),
  service: string({ default: "", keepEmpty: true }),
});
export interface GRPCAction extends Infer<typeof grpcAction> {}

export const lifecycle = object("Lifecycle", {
  postStart: optional(ref<LifecycleHandler>(() => lifecycleHandler)),
  preStop: optional(ref<LifecycleHandler>(() => lifecycleHandler)),
  stopSignal: optional(string()),
});
export interface Lifecycle extends Infer<typeof lifecycle> {}

export const lifecycleHandler = object("LifecycleHandler", {
  exec: optional(ref<ExecAction>(() => execAction)),
  httpGet: optional(ref<HTTPGetAction>(() => httpGetAction)),
  sleep: optional(ref<SleepAction>(() => sleepAction)),
  tcpSocket: optional(ref<TCPSocketAction>(() => tcpSocketAction)),
});
export interface LifecycleHandler extends Infer<typeof lifecycleHandler> {}
addRules(lifecycleHandler, { validate: lifecycleHandlerRules });

export const sleepAction = object("SleepAction", {
  seconds: int64({ default: 0 }),
});
export interface SleepAction extends Infer<typeof sleepAction> {}
