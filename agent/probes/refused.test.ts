import { createServer } from "node:net";
import { systemClock } from "../../base/clock.js";
import { run } from "../pod/pod.test-kit.js";
import type { Runtime } from "../runtime/runtime.js";
import { realProbes } from "./probe.js";

/** A port of loopback that nobody listens on (any more). */
async function closedPort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === "object" && address ? address.port : 0;
}

describe("a probe of a port that nobody listens on", () => {
  const context = {
    runtime: {} as Runtime,
    clock: systemClock,
    run: run("a"),
    container: undefined,
    podIP: "127.0.0.1",
    timeoutMs: 2_000,
  };

  it("says so as a kubelet does", async () => {
    const port = await closedPort();
    const refused = `dial tcp 127.0.0.1:${port}: connect: connection refused`;
    expect(await realProbes.run({ tcpSocket: { port } }, context)).toEqual({ outcome: "failure", output: refused });
    expect(await realProbes.run({ httpGet: { path: "/live?a=b", port, scheme: "HTTP" } }, context)).toEqual({
      outcome: "failure",
      output: `Get "http://127.0.0.1:${port}/live?a=b": ${refused}`,
    });
  });
});
