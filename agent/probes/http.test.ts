import { createServer, type RequestListener, type Server } from "node:http";
import type { HTTPGetAction } from "../../api/core/pod/probe.js";
import { systemClock } from "../../base/clock.js";
import { run } from "../pod/pod.test-kit.js";
import type { Runtime } from "../runtime/runtime.js";
import { realProbes } from "./probe.js";
import type { ProbeResult } from "./result.js";

describe("a probe over HTTP", () => {
  const servers: Server[] = [];
  afterEach(async () => {
    for (const server of servers.splice(0)) {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    }
  });

  /** Asks a server on loopback that answers so. */
  const probe = async (
    answer: RequestListener,
    action: Partial<HTTPGetAction> = {},
    timeoutMs = 5_000,
  ): Promise<ProbeResult> => {
    const server = createServer(answer).listen(0, "127.0.0.1");
    servers.push(server);
    await new Promise((resolve) => server.once("listening", resolve));
    const address = server.address();
    const port = typeof address === "object" && address ? address.port : 0;
    return realProbes.run(
      { httpGet: { path: "/", port, scheme: "HTTP", ...action } },
      {
        ...{ runtime: {} as Runtime, clock: systemClock, run: run("a"), container: undefined, podIP: "127.0.0.1" },
        isHook: true,
        timeoutMs,
      },
    );
  };
  const seen = async (httpHeaders: HTTPGetAction["httpHeaders"]): Promise<readonly string[]> => {
    const { output } = await probe((request, response) => response.end(JSON.stringify(request.rawHeaders)), {
      ...(httpHeaders ? { httpHeaders } : {}),
    });
    const raw = JSON.parse(output) as readonly string[];
    return raw.flatMap((name, index) => (index % 2 === 0 ? [`${name.toLowerCase()}: ${raw[index + 1]}`] : []));
  };

  it.each([
    [200, "success"],
    [299, "success"],
    [400, "failure"],
    [503, "failure"],
  ])("with status %i is a %s", async (status, outcome) => {
    const { outcome: told, output } = await probe((_request, response) => response.writeHead(status).end("body"));
    const text = outcome === "success" ? "body" : `HTTP probe failed with statuscode: ${status}`;
    expect([told, output]).toEqual([outcome, text]);
  });

  it("follows redirects on its host, and goes nowhere else: that is a success that is told of", async () => {
    const local: RequestListener = ({ url }, response) =>
      url === "/" ? response.writeHead(302, { location: "/there" }).end() : response.end("there");
    expect(await probe(local)).toEqual({ outcome: "success", output: "there" });
    const away: RequestListener = (_request, response) =>
      response.writeHead(302, { location: "http://elsewhere.invalid/" }).end("away");
    const output = "Probe terminated redirects, Response body: away";
    expect(await probe(away)).toEqual({ outcome: "success", output, isWarning: true });
    const round: RequestListener = (_request, response) => response.writeHead(302, { location: "/" }).end();
    expect(await probe(round)).toMatchObject({ outcome: "failure", output: expect.stringContaining("10 redirects") });
  });

  it("sends the headers that it is given, each as often, and its own unless these are taken away", async () => {
    expect(await seen(undefined)).toEqual(
      expect.arrayContaining([
        "user-agent: kube-probe/1.36",
        "accept: */*",
        expect.stringMatching(/^host: 127\.0\.0\.1:/),
      ]),
    );
    const given = await seen([
      { name: "X-Awesome", value: "one" },
      { name: "x-awesome", value: "two" },
      { name: "Host", value: "my.host" },
      { name: "Accept", value: "application/json" },
      { name: "User-Agent", value: "" },
    ]);
    expect(given).toEqual(
      expect.arrayContaining(["x-awesome: one", "x-awesome: two", "host: my.host", "accept: application/json"]),
    );
    expect(given.some((line) => line.startsWith("user-agent"))).toBe(false);
    expect((await seen([{ name: "accept", value: "" }])).some((line) => line.startsWith("accept"))).toBe(false);
  });

  it("reads no more than the beginning of an answer, and waits no longer than it may", async () => {
    const { outcome, output } = await probe((_request, response) => response.end("x".repeat(1_000_000)));
    expect([outcome, output.length]).toEqual(["success", 10 * 1024]);
    expect(await probe(() => {}, {}, 50)).toMatchObject({
      outcome: "failure",
      output: expect.stringContaining("context deadline exceeded"),
    });
  });
});
