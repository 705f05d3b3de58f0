import { StatusError } from "../apimachinery/status.js";
import type { Clock } from "../base/clock.js";
import type { Metrics } from "../base/metrics.js";
import type { Transport } from "./transport.js";

export interface TransportMeter {
  readonly requests: ReturnType<Metrics["counter"]>;
  readonly seconds: ReturnType<Metrics["histogram"]>;
}

export const transportMeter = (metrics: Metrics): TransportMeter => ({
  requests: metrics.counter("rest_client_requests_total", "Requests to the API server, by their answer.", [
    "code",
    "host",
    "method",
  ]),
  seconds: metrics.histogram(
    "rest_client_request_duration_seconds",
    "Time that a request to the API server takes; watches are left out.",
    ["host", "verb"],
    [0.005, 0.025, 0.1, 0.25, 0.5, 1, 2, 4, 8, 15, 30, 60],
  ),
});

/** The same transport, with its requests counted. */
export function meteredTransport(
  transport: Transport,
  { meter, clock, host }: { readonly meter: TransportMeter; readonly clock: Clock; readonly host: string },
): Transport {
  const counted = async <T>(method: string, work: Promise<T>, codeOf: (answer: T) => number): Promise<T> => {
    const startMs = clock.monotonic();
    try {
      const answer = await work;
      meter.requests.add(1, String(codeOf(answer)), host, method);
      return answer;
    } catch (error) {
      meter.requests.add(1, error instanceof StatusError ? String(error.code) : "<error>", host, method);
      throw error;
    } finally {
      meter.seconds.observe((clock.monotonic() - startMs) / 1000, host, method);
    }
  };
  return {
    sharesObjects: transport.sharesObjects,
    call: (request) => counted(request.method, transport.call(request), () => okCode),
    watch(request) {
      meter.requests.add(1, String(okCode), host, request.method);
      return transport.watch(request);
    },
    raw: (request) => counted(request.method, transport.raw(request), ({ status }) => status),
    close: () => transport.close(),
  };
}

/** A transport tells of failures alone by their code. */
const okCode = 200;
