import type { ServiceError } from "@grpc/grpc-js";
import type { GRPCAction } from "../../api/core/pod/probe.js";
import { dialError } from "../dial-error.js";
import { answeredByOther, type ProbeContext } from "./probe.js";
import { failure, type ProbeResult, success } from "./result.js";

/** The health-checking protocol: SERVING is success. https://github.com/grpc/grpc/blob/master/doc/health-checking.md */
export async function probeGrpc({ port, service }: GRPCAction, context: ProbeContext): Promise<ProbeResult> {
  const { podIP: host, timeoutMs } = context;
  if (host === undefined) return failure("the pod has no address yet");
  const address = `${host.includes(":") ? `[${host}]` : host}:${port}`;
  const answer = await check(address, service ?? "", context);
  const within = `${timeoutMs / 1000}s`;
  switch (answer.type) {
    case "answered":
      if (await answeredByOther(host, port, context))
        return failure(
          `service ${JSON.stringify(address)}: the port is another pod's: bind $POD_IP, not all addresses`,
        );
      return answer.status === serving
        ? success("service healthy")
        : failure(
            `service unhealthy (responded with ${JSON.stringify(statusNames[answer.status] ?? String(answer.status))})`,
          );
    case "late":
      return failure(`timeout: health rpc did not complete within ${within}`);
    case "unreachable": {
      // The library words it in its own way, around the system's.
      const code = /\bE[A-Z]{4,}\b/.exec(answer.why)?.[0] ?? "";
      const why = dialError(host, port, Object.assign(new Error(answer.why), { code }));
      return failure(`timeout: failed to connect service ${JSON.stringify(address)} within ${within}: ${why}`);
    }
    case "unimplemented":
      return failure(
        `error: this server does not implement the grpc health protocol (grpc.health.v1.Health): ${answer.why}`,
      );
    case "failed":
      return failure(`error: health rpc probe failed: ${answer.why}`);
  }
}

type Answer =
  | { readonly type: "answered"; readonly status: number }
  | { readonly type: "late" }
  | { readonly type: "unreachable" | "unimplemented" | "failed"; readonly why: string };

async function check(address: string, service: string, { clock, timeoutMs }: ProbeContext): Promise<Answer> {
  const { Client, credentials, Metadata, status } = await import("@grpc/grpc-js");
  const client = new Client(address, credentials.createInsecure(), {
    "grpc.primary_user_agent": "kube-probe/1.36",
    "grpc.enable_retries": 0,
    "grpc.max_receive_message_length": answerMaxBytes,
    // Each probe is a connection of its own, and goes straight to the pod.
    "grpc.use_local_subchannel_pool": 1,
    "grpc.enable_http_proxy": 0,
  });
  try {
    return await new Promise<Answer>((resolve) => {
      let late = false;
      const answered = (error: ServiceError | null, value?: number): void => {
        timer?.cancel();
        if (!error) resolve({ type: "answered", status: value ?? 0 });
        else if (late) resolve({ type: "late" });
        else if (error.code === status.UNAVAILABLE) resolve({ type: "unreachable", why: error.details });
        else if (error.code === status.UNIMPLEMENTED) resolve({ type: "unimplemented", why: error.details });
        else resolve({ type: "failed", why: error.details || error.message });
      };
      const call = client.makeUnaryRequest(method, requestOf, statusIn, service, new Metadata(), answered);
      const timer = Number.isFinite(timeoutMs)
        ? clock.after(timeoutMs, () => {
            late = true;
            call.cancel();
          })
        : undefined;
    });
  } finally {
    client.close();
  }
}

const method = "/grpc.health.v1.Health/Check";
const serving = 1;
const statusNames = ["UNKNOWN", "SERVING", "NOT_SERVING", "SERVICE_UNKNOWN"];
const answerMaxBytes = 16 * 1024;

/** Field 1, a string; absent when empty. */
function requestOf(service: string): Buffer {
  const bytes = Buffer.from(service);
  return bytes.length === 0 ? Buffer.alloc(0) : Buffer.concat([Buffer.from([0x0a, ...varint(bytes.length)]), bytes]);
}

function varint(value: number): number[] {
  return value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...varint(value >>> 7)];
}

/** Field 1, a small enumeration; the rest of the message is nothing that we know. */
function statusIn(message: Buffer): number {
  return message[0] === 0x08 ? (message[1] ?? 0) : 0;
}
