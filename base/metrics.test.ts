import { createMetrics } from "./metrics.js";

describe("metrics", () => {
  it("count, set and observe, and come out as Prometheus' text beside those of the process", async () => {
    const metrics = createMetrics();
    const requests = metrics.counter("requests_total", "Requests.", ["verb", "code"]);
    requests.add(1, "get", "200");
    requests.add(2, "get", "200");
    requests.add(1, 'a"b', "500");
    metrics.gauge("in_flight", "Now.", []).set(7);
    const seconds = metrics.histogram("seconds", "Time.", ["verb"], [0.1, 1]);
    for (const value of [0.05, 0.5, 5]) seconds.observe(value, "list");
    const { text, contentType } = await metrics.expose();
    expect(contentType).toContain("text/plain");
    for (const line of [
      "# TYPE requests_total counter",
      'requests_total{verb="get",code="200"} 3',
      'requests_total{verb="a\\"b",code="500"} 1',
      "in_flight 7",
      'seconds_bucket{verb="list",le="0.1"} 1',
      'seconds_bucket{verb="list",le="1"} 2',
      'seconds_bucket{verb="list",le="+Inf"} 3',
      'seconds_sum{verb="list"} 5.55',
      'seconds_count{verb="list"} 3',
    ])
      expect(text.split("\n")).toContain(line);
    const used = Number(/^process_cpu_seconds_total (\S+)/m.exec(text)?.[1]);
    const { user, system } = process.cpuUsage();
    expect(used).toBeGreaterThan(0.05);
    expect(used).toBeLessThanOrEqual((user + system) / 1e6);
    expect(text).toContain("process_resident_memory_bytes");
    expect(text).toContain("nodejs_eventloop_lag_p99_seconds");
  });

  it("show what was defined after the first exposition", async () => {
    const metrics = createMetrics();
    await metrics.expose();
    metrics.gauge("late", "Late.", []).set(1);
    expect((await metrics.expose()).text).toContain("late 1");
  });

  it("stay bounded when label values do not", async () => {
    const metrics = createMetrics();
    const counter = metrics.counter("names_total", "Names.", ["name"]);
    for (let name = 0; name < 6_000; name++) counter.add(1, String(name));
    expect((await metrics.expose()).text.match(/^names_total/gm)).toHaveLength(5_000);
  });

  it("cut label values that are very long", async () => {
    const metrics = createMetrics();
    metrics.counter("names_total", "Names.", ["name", "kind"]).add(1, "n".repeat(10_000), "a");
    metrics.histogram("seconds", "Time.", ["name"], [1]).observe(1, "n".repeat(10_000));
    metrics.derived("now", "Now.", ["name"], () => [[1, "n".repeat(10_000)]]);
    const lines = (await metrics.expose()).text.split("\n");
    expect(lines).toContain(`names_total{name="${"n".repeat(128)}",kind="a"} 1`);
    expect(lines.filter((line) => line.length > 500)).toEqual([]);
  });
});
