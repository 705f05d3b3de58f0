import { Metadata, Server, ServerCredentials, type ServerUnaryCall, type sendUnaryData, status } from "@grpc/grpc-js";
import { systemClock } from "../../base/clock.js";
import { run } from "../pod/pod.test-kit.js";
import type { Runtime } from "../runtime/runtime.js";
import { probeGrpc } from "./grpc.js";

interface Request {
  readonly service: string;
}
type Handler = (service: string, answer: sendUnaryData<number>) => void;

/** A server of the health protocol on loopback. */
async function serve(handler: Handler, method = "Check"): Promise<{ port: number; stop(): void }> {
  const server = new Server();
  server.addService(
    {
      [method]: {
        path: `/grpc.health.v1.Health/${method}`,
        requestStream: false,
        responseStream: false,
        requestSerialize: ({ service }: Request) => Buffer.from(service),
        requestDeserialize: (bytes: Buffer): Request => ({ service: bytes.subarray(2).toString() }),
        responseSerialize: (value: number) => Buffer.from([8, value]),
        responseDeserialize: (bytes: Buffer) => bytes[1] ?? 0,
      },
    },
    {
      [method]: (call: ServerUnaryCall<Request, number>, answer: sendUnaryData<number>) =>
        handler(call.request.service, answer),
    },
  );
  const port = await new Promise<number>((resolve, reject) =>
    server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, bound) =>
      error ? reject(error) : resolve(bound),
    ),
  );
  return { port, stop: () => server.forceShutdown() };
}

const context = (timeoutMs = 2_000) => ({
  runtime: { features: { sharesHostNetwork: false } } as Runtime,
  clock: systemClock,
  run: run("main"),
  container: undefined,
  podIP: "127.0.0.1",
  timeoutMs,
});

async function probe(handler: Handler, service?: string, timeoutMs?: number, method?: string) {
  const { port, stop } = await serve(handler, method);
  const result = await probeGrpc({ port, service: service ?? "" }, context(timeoutMs));
  stop();
  return result;
}

describe("a gRPC probe", () => {
  it("succeeds when the service says that it serves, and names the service that it asks about", async () => {
    const asked: string[] = [];
    const handler: Handler = (service, answer) => {
      asked.push(service);
      answer(null, 1);
    };
    expect(await probe(handler)).toEqual({ outcome: "success", output: "service healthy" });
    expect((await probe(handler, "x".repeat(100))).outcome).toBe("success");
    expect(asked).toEqual(["", "x".repeat(100)]);
  });

  it("fails when it does not serve, and says what it answered", async () => {
    expect(await probe((_service, answer) => answer(null, 2))).toEqual({
      outcome: "failure",
      output: 'service unhealthy (responded with "NOT_SERVING")',
    });
  });

  it("fails with the server's own words when it refuses", async () => {
    const refused = { code: status.NOT_FOUND, details: "unknown service", metadata: new Metadata() };
    expect(await probe((_service, answer) => answer(refused))).toEqual({
      outcome: "failure",
      output: "error: health rpc probe failed: unknown service",
    });
    expect((await probe((_service, answer) => answer(null, 1), "", 2_000, "Watch")).output).toMatch(
      /^error: this server does not implement the grpc health protocol/,
    );
  });

  it("fails when no answer comes in time, or nobody listens", async () => {
    expect((await probe(() => {}, "", 100)).output).toBe("timeout: health rpc did not complete within 0.1s");
    const { port, stop } = await serve(() => {});
    stop();
    const { outcome, output } = await probeGrpc({ port, service: "" }, context());
    expect([outcome, output]).toEqual([
      "failure",
      expect.stringMatching(
        /^timeout: failed to connect service "127.*" within \S+: dial tcp 127.*: connect: connection refused$/,
      ),
    ]);
  });
});
