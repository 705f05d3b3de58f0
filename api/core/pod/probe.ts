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

/** A question asked again and again while a container runs. */
export const probe = object("Probe", {
  /** Runs a program in the container; 0 is well. */
  exec: optional(ref<ExecAction>(() => execAction)),
  /** Asks by HTTP; 200 to 399 is well. */
  httpGet: optional(ref<HTTPGetAction>(() => httpGetAction)),
  /** Opens a connection; that it opens is well. */
  tcpSocket: optional(ref<TCPSocketAction>(() => tcpSocketAction)),
  /** Succeeds when the server answers SERVING. */
  grpc: optional(ref<GRPCAction>(() => grpcAction)),
  /** Seconds from the container's start to the first question; 0 where absent. */
  initialDelaySeconds: optional(int32({ omitZero: true, min: 0 })),
  /** Seconds after which a missing answer counts as a failure; 1 where nothing is said. */
  timeoutSeconds: int32({ default: 1, omitZero: true, min: 0 }),
  /** Seconds between two questions; 10 where nothing is said. */
  periodSeconds: int32({ default: 10, omitZero: true, min: 0 }),
  /** Successes in a row that end a failure; 1, the default, is all that liveness and startup probes take. */
  successThreshold: int32({ default: 1, omitZero: true, min: 0 }),
  /** Failures in a row that count as one; 3 where nothing is said. */
  failureThreshold: int32({ default: 3, omitZero: true, min: 0 }),
  /** Grace in seconds, in place of the pod's, when this probe ends the container; not for readiness probes. */
  terminationGracePeriodSeconds: optional(int64()),
});
export interface Probe extends Infer<typeof probe> {}
addRules(probe, { validate: probeRules });

/** A command run inside the container; exit code 0 is success. */
export const execAction = object("ExecAction", {
  /** Program and arguments; no shell is put around them, and the folder is the container's root. */
  command: optional(list(string())),
});
export interface ExecAction extends Infer<typeof execAction> {}
addRules(execAction, { validate: execRules });

/** An HTTP request; an answer from 200 to 399 is success. */
export const httpGetAction = object("HTTPGetAction", {
  /** Path and query that are asked for; `/` where nothing is said. */
  path: string({ default: "/" }),
  /** Number, or the name of one of the container's ports. */
  port: intOrString(),
  /** Address to connect to; the pod's where absent. For another virtual host, set the header `Host`. */
  host: optional(string()),
  /** HTTP (the default) or HTTPS; certificates are not checked. */
  scheme: oneOf(["HTTP", "HTTPS"], { default: "HTTP" }),
  /** Headers of the request. */
  httpHeaders: optional(list(ref<HTTPHeader>(() => httpHeader))),
});
export interface HTTPGetAction extends Infer<typeof httpGetAction> {}
addRules(httpGetAction, { validate: portRules });

/** A header sent along with a request. */
export const httpHeader = object("HTTPHeader", {
  /** Header's name; case does not matter, and equal names are sent one by one. */
  name: string({ nonEmpty: true }),
  /** Header's value. */
  value: string({ default: "" }),
});
export interface HTTPHeader extends Infer<typeof httpHeader> {}
addRules(httpHeader, { validate: headerRules });

/** A connection that is opened and closed again. */
export const tcpSocketAction = object("TCPSocketAction", {
  /** Number, or the name of one of the container's ports. */
  port: intOrString(),
  /** Name or address to connect to; the pod's address where absent. */
  host: optional(string()),
});
export interface TCPSocketAction extends Infer<typeof tcpSocketAction> {}
addRules(tcpSocketAction, { validate: portRules });

/** A call of the gRPC health service. */
export const grpcAction = object("GRPCAction", {
  /** Number of the port, 1 to 65535; names are not taken. */
  port: int32({ min: 1, max: 65535 }),
  /** Empty asks about the server as a whole. */
  service: string({ default: "", keepEmpty: true }),
});
export interface GRPCAction extends Infer<typeof grpcAction> {}

/** What happens just after a container starts and just before it is stopped. */
export const lifecycle = object("Lifecycle", {
  /** Done right after the start; the container is not running before it is over. */
  postStart: optional(ref<LifecycleHandler>(() => lifecycleHandler)),
  /** Its time counts against the grace period. */
  preStop: optional(ref<LifecycleHandler>(() => lifecycleHandler)),
  /** With what the container is asked to end. */
  stopSignal: optional(string()),
});
export interface Lifecycle extends Infer<typeof lifecycle> {}

/** What a lifecycle hook does: one of these. */
export const lifecycleHandler = object("LifecycleHandler", {
  /** Runs a program in the container; any exit code but 0 fails the hook. */
  exec: optional(ref<ExecAction>(() => execAction)),
  /** Asks by HTTP; an answer outside 200 to 399 fails the hook. */
  httpGet: optional(ref<HTTPGetAction>(() => httpGetAction)),
  /** Does nothing for a while, such as letting clients go. */
  sleep: optional(ref<SleepAction>(() => sleepAction)),
  /** Opens a connection; one that is refused fails the hook. Kept for old manifests. */
  tcpSocket: optional(ref<TCPSocketAction>(() => tcpSocketAction)),
});
export interface LifecycleHandler extends Infer<typeof lifecycleHandler> {}
addRules(lifecycleHandler, { validate: lifecycleHandlerRules });

/** A pause. */
export const sleepAction = object("SleepAction", {
  /** Length of the pause, 0 up to the pod's grace period. */
  seconds: int64({ default: 0 }),
});
export interface SleepAction extends Infer<typeof sleepAction> {}
