import { portName, portNumber } from "../../../apimachinery/names.js";
import { forbidden, invalid, invalidFor, required } from "../../../apimachinery/schema/field-error.js";
import type { FieldError, IntOrString } from "../../../apimachinery/schema/schema.js";
import type { ExecAction, HTTPHeader, LifecycleHandler, Probe } from "./probe.js";

/** Probes and lifecycle hooks: one handler each. */

export function probeRules(probe: Probe): FieldError[] {
  const { exec, httpGet, tcpSocket, grpc, terminationGracePeriodSeconds: grace } = probe;
  const errors = handlerErrors({ exec, httpGet, tcpSocket, grpc });
  if (grace !== undefined && grace <= 0)
    errors.push(invalid("terminationGracePeriodSeconds", grace, "must be greater than 0"));
  return errors;
}

export const lifecycleHandlerRules = ({ exec, httpGet, tcpSocket, sleep }: LifecycleHandler): FieldError[] => [
  ...handlerErrors({ exec, httpGet, tcpSocket, sleep }),
  ...(sleep && sleep.seconds < 0 ? [invalid("sleep.seconds", sleep.seconds, "must be non-negative")] : []),
];

function handlerErrors(handlers: Readonly<Record<string, unknown>>): FieldError[] {
  const given = Object.keys(handlers).filter((name) => handlers[name] !== undefined);
  if (given.length === 0) return [required("", "must specify a handler type")];
  return given.slice(1).map((name) => forbidden(name, "may not specify more than 1 handler type"));
}

export const execRules = ({ command = [] }: ExecAction): FieldError[] =>
  command.length === 0 ? [required("command")] : [];

export const portRules = ({ port }: { readonly port: IntOrString }): FieldError[] =>
  invalidFor("port", port, typeof port === "number" ? portNumber(port) : portName(port));

const headerName =
  "a valid HTTP header must consist of alphanumeric characters or '-' (e.g. 'X-Header-Name', regex used for validation is '[-A-Za-z0-9]+')";

export const headerRules = ({ name }: HTTPHeader): FieldError[] =>
  /^[-A-Za-z0-9]+$/.test(name) ? [] : [invalid("name", name, headerName)];
