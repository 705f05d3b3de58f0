import { request as httpRequest, type IncomingMessage } from "node:http";
import { request as httpsRequest } from "node:https";
import type { HTTPGetAction } from "../../api/core/pod/probe.js";
import { dialError } from "../dial-error.js";
import { answeredByOther, type ProbeContext, portOf } from "./probe.js";
import { failure, type ProbeResult, success, warning } from "./result.js";

/** A GET to the pod; 200 to 399 is success. Redirects to the same host are followed, others count as success. */
export async function probeHttp(action: HTTPGetAction, context: ProbeContext): Promise<ProbeResult> {
  const host = action.host ?? context.podIP;
  if (host === undefined) return failure("the pod has no address yet");
  const port = portOf(action.port, context.container);
  const scheme = action.scheme.toLowerCase();
  const authority = host.includes(":") ? `[${host}]` : host;
  const url = new URL(
    action.path.startsWith("/") ? action.path : `/${action.path}`,
    `${scheme}://${authority}:${port}`,
  );
  return get(url, host, port, action, context, redirectsMax);
}

async function get(
  url: URL,
  host: string,
  port: number,
  action: HTTPGetAction,
  context: ProbeContext,
  redirectsLeft: number,
): Promise<ProbeResult> {
  const { status, location, body } = await fetchOnce(url, action, context);
  if (await answeredByOther(host, port, context))
    return failure(`Get ${shown(url)}: the port is another pod's: bind $POD_IP, not all addresses`);
  if (status >= 300 && status < 400 && location !== undefined) {
    const next = new URL(location, url);
    if (next.hostname !== url.hostname) return terminated(body);
    if (redirectsLeft === 0) return failure(`Get ${shown(url)}: stopped after ${redirectsMax} redirects`);
    return get(next, host, portNumber(next), action, context, redirectsLeft - 1);
  }
  if (status >= 300 && status < 400) return terminated(body);
  return status >= 200 && status < 300 ? success(body) : failure(`HTTP probe failed with statuscode: ${status}`);
}

const terminated = (body: string): ProbeResult => warning(`Probe terminated redirects, Response body: ${body}`);

/** As the probe names them, some more than once; an empty value takes away what would be sent by itself. */
function headersOf({ httpHeaders = [] }: HTTPGetAction): Record<string, string | string[]> {
  const headers = new Map<string, readonly string[]>([
    ["user-agent", ["kube-probe/1.36"]],
    ["accept", ["*/*"]],
  ]);
  const named = new Set<string>();
  for (const { name, value } of httpHeaders) {
    const key = name.toLowerCase();
    headers.set(key, [...(named.has(key) ? (headers.get(key) ?? []) : []), value]);
    named.add(key);
  }
  for (const key of ["user-agent", "accept"]) if (headers.get(key)?.[0] === "") headers.delete(key);
  return Object.fromEntries(
    [...headers].map(([key, [first = "", ...more]]) => [
      key,
      more.length === 0 || key === "host" ? first : [first, ...more],
    ]),
  );
}

function fetchOnce(
  url: URL,
  action: HTTPGetAction,
  { clock, timeoutMs }: ProbeContext,
): Promise<{ readonly status: number; readonly location: string | undefined; readonly body: string }> {
  const headers = headersOf(action);
  return new Promise((resolve, reject) => {
    const options = {
      method: "GET",
      headers,
      agent: false as const,
      rejectUnauthorized: false,
      host: url.hostname.replace(/^\[|\]$/g, ""),
      port: url.port,
      path: url.pathname + url.search,
    };
    const answered = (response: IncomingMessage): void => {
      const chunks: Buffer[] = [];
      let bytes = 0;
      const done = (): void => {
        timer?.cancel();
        resolve({
          status: response.statusCode ?? 0,
          location: response.headers.location,
          body: Buffer.concat(chunks).toString("utf8"),
        });
        request.destroy();
      };
      response.on("data", (chunk: Buffer) => {
        bytes += chunk.length;
        chunks.push(chunk);
        if (bytes >= bodyMaxBytes) done();
      });
      response.on("end", done);
      response.on("error", reject);
    };
    const request = url.protocol === "https:" ? httpsRequest(options, answered) : httpRequest(options, answered);
    const timer = Number.isFinite(timeoutMs)
      ? clock.after(timeoutMs, () =>
          request.destroy(new Error("context deadline exceeded (Client.Timeout exceeded while awaiting headers)")),
        )
      : undefined;
    request.on("error", (error: NodeJS.ErrnoException) => {
      timer?.cancel();
      const why = error.syscall === "connect" ? dialError(options.host, portNumber(url), error) : error.message;
      reject(new Error(`Get ${shown(url)}: ${why}`));
    });
    request.end();
  });
}

const portNumber = ({ port, protocol }: URL): number => Number(port || (protocol === "https:" ? 443 : 80));

/** With its port, though it is the usual one. */
const shown = (url: URL): string =>
  JSON.stringify(`${url.protocol}//${url.hostname}:${portNumber(url)}${url.pathname}${url.search}`);

const bodyMaxBytes = 10 * 1024;
const redirectsMax = 10;
