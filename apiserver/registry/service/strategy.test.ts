import { services } from "../../../api/core/service.js";
import { systemClock } from "../../../base/clock.js";
import { silentLog } from "../../../base/log.js";
import { seededRandom } from "../../../base/random.js";
import { type ApiKit, openApiKit } from "../../endpoints/api.test-kit.js";
import { repairRanges } from "../../loops/range-repair.js";
import { openMemory } from "../../storage/memory/memory.js";
import type { Storage } from "../../storage/storage.js";
import { WatchCache } from "../../storage/watch-cache.js";
import { addressClaims, portClaims } from "./claims.js";

const url = "/api/v1/namespaces/default/services";
const service = (name: string, spec: object = {}): object => ({
  metadata: { name },
  spec: { selector: { app: "x" }, ports: [{ port: 80 }], ...spec },
});
const merge = { "content-type": "application/merge-patch+json" };

let storage: Storage;
let kit: ApiKit;
beforeEach(async () => {
  storage = openMemory({ clock: systemClock });
  kit = await openApiKit({ storage });
});
afterEach(async () => {
  await kit.close();
  await storage.close();
});

const claims = async (): Promise<readonly string[]> =>
  (await Promise.all([addressClaims, portClaims].map((prefix) => storage.list(prefix))))
    .flatMap(({ items }) => items)
    .map(({ key }) => key.replace(/^.*\//, ""));
const post = (name: string, spec?: object) => kit.json("POST", url, { body: service(name, spec) });
const patch = (name: string, spec: object) => kit.json("PATCH", `${url}/${name}`, { body: { spec }, headers: merge });

describe("cluster addresses", () => {
  it("are given on create, kept over updates and given back on delete", async () => {
    const { body } = await post("a");
    const { clusterIP } = body.spec;
    expect(clusterIP).toMatch(/^10\.96\./);
    expect(body.spec).toMatchObject({
      clusterIPs: [clusterIP],
      ipFamilies: ["IPv4"],
      ipFamilyPolicy: "SingleStack",
      type: "ClusterIP",
    });
    expect(await claims()).toEqual([clusterIP]);
    const put = await kit.json("PUT", `${url}/a`, { body: service("a", { ports: [{ port: 81 }] }) });
    expect(put.body.spec).toMatchObject({ clusterIP, clusterIPs: [clusterIP] });
    await kit.json("DELETE", `${url}/a`);
    expect(await claims()).toEqual([]);
  });

  it("can be asked for once, within the range", async () => {
    expect((await post("a", { clusterIP: "10.96.0.10" })).body.spec.clusterIPs).toEqual(["10.96.0.10"]);
    const taken = await post("b", { clusterIP: "10.96.0.10" });
    expect(taken.status).toBe(422);
    expect(taken.body.message).toContain("failed to allocate IP 10.96.0.10: provided IP is already allocated");
    const outside = await post("b", { clusterIP: "10.97.0.10" });
    expect(outside.body.message).toContain("is not in the valid range. The range of valid IPs is 10.96.0.0/16");
    expect(await claims()).toEqual(["10.96.0.10"]);
  });

  it("do not change", async () => {
    await post("a", { clusterIP: "10.96.0.10" });
    const { status, body } = await patch("a", { clusterIP: "10.96.0.11", clusterIPs: ["10.96.0.11"] });
    expect(status).toBe(422);
    expect(body.message).toContain("may not change once set");
    expect(await claims()).toEqual(["10.96.0.10"]);
  });

  it("are neither for headless nor for external services; a change of type takes and gives them", async () => {
    expect((await post("headless", { clusterIP: "None" })).body.spec.clusterIPs).toEqual(["None"]);
    await post("ext", { type: "ExternalName", externalName: "example.com" });
    expect(await claims()).toEqual([]);
    const inside = await patch("ext", { type: "ClusterIP", externalName: null });
    expect(inside.body.spec.clusterIP).toMatch(/^10\.96\./);
    const outside = await patch("ext", { type: "ExternalName", externalName: "example.com" });
    expect(outside.status).toBe(200);
    expect(outside.body.spec).not.toHaveProperty("clusterIP");
    expect(await claims()).toEqual([]);
  });

  it("are of one family", async () => {
    expect((await post("a", { ipFamilyPolicy: "RequireDualStack" })).status).toBe(422);
    expect((await post("a", { ipFamilies: ["IPv6"] })).body.message).toContain("not configured on this cluster");
  });

  it("are not taken by a dry run, a refused or a doubled create", async () => {
    const dry = await kit.json("POST", `${url}?dryRun=All`, { body: service("a") });
    expect(dry.body.spec.clusterIP).toMatch(/^10\.96\./);
    expect(await claims()).toEqual([]);
    await post("a");
    expect((await post("a")).status).toBe(409);
    expect((await post("b", { type: "NodePort", ports: [{ port: 80, nodePort: 1 }] })).status).toBe(422);
    expect(await claims()).toHaveLength(1);
  });

  it("are unique over two API servers", async () => {
    const other = await openApiKit({ storage });
    const made = await Promise.all(
      Array.from({ length: 100 }, (_, at) => (at % 2 ? kit : other).json("POST", url, { body: service(`s${at}`) })),
    );
    expect(new Set(made.map(({ body }) => body.spec.clusterIP)).size).toBe(100);
    await other.close();
  });
});

describe("node ports", () => {
  it("are given to each port, one number for TCP and UDP of the same, and follow the type", async () => {
    const ports = [
      { name: "tcp", port: 53, protocol: "TCP" },
      { name: "udp", port: 53, protocol: "UDP" },
      { name: "web", port: 80, nodePort: 30080 },
    ];
    const { body } = await post("a", { type: "NodePort", ports });
    const given = (body.spec.ports as readonly { readonly nodePort: number }[]).map(({ nodePort }) => nodePort);
    expect(given[0]).toBe(given[1]);
    expect(given[0]).toBeGreaterThanOrEqual(30_000);
    expect(given[2]).toBe(30_080);
    expect(await claims()).toHaveLength(3);
    const again = await kit.json("PUT", `${url}/a`, { body: service("a", { type: "NodePort", ports }) });
    expect(again.body.spec.ports).toEqual(body.spec.ports);
    const plain = await patch("a", { type: "ClusterIP" });
    expect(JSON.stringify(plain.body.spec)).not.toContain("nodePort");
    expect(await claims()).toHaveLength(1);
  });

  it("can be asked for once, within the range", async () => {
    await post("a", { type: "NodePort", ports: [{ port: 80, nodePort: 30_001 }] });
    const taken = await post("b", { type: "NodePort", ports: [{ port: 80, nodePort: 30_001 }] });
    expect(taken.body.message).toContain(
      "spec.ports[0].nodePort: Invalid value: 30001: provided port is already allocated",
    );
    const outside = await post("b", { type: "NodePort", ports: [{ port: 80, nodePort: 80 }] });
    expect(outside.body.message).toContain("The range of valid ports is 30000-32767");
    expect(await claims()).toHaveLength(2);
  });

  it("move with an update", async () => {
    await post("a", { type: "NodePort", ports: [{ port: 80, nodePort: 30_001 }] });
    await patch("a", { ports: [{ port: 80, nodePort: 30_002 }] });
    expect(await claims()).toContain("30002");
    expect(await claims()).not.toContain("30001");
  });
});

describe("repair", () => {
  it("records what services have and forgets, at the second look, what none has", async () => {
    const { body } = await post("a");
    const { clusterIP } = body.spec;
    const record = await storage.get(`${addressClaims}${clusterIP}`);
    await storage.delete(`${addressClaims}${clusterIP}`, record?.revision ?? 0);
    await storage.create(`${portClaims}30500`, Buffer.from('{"uid":"gone"}'));
    const random = seededRandom(1);
    const definitions = [services];
    const cache = await WatchCache.open({ storage, definitions, clock: systemClock, log: silentLog });
    const core = { storage, cache, random, log: silentLog };
    const suspects = await repairRanges(core, new Map());
    expect([...suspects.keys()]).toEqual([`${portClaims}30500`]);
    expect(await claims()).toEqual([clusterIP, "30500"]);
    await repairRanges(core, suspects);
    expect(await claims()).toEqual([clusterIP]);
    await cache.close();
  });

  it("keeps the records of a service that makes no sense, and sees to the others", async () => {
    const metadata = { name: "odd", namespace: "default", uid: "odd" };
    const odd = { apiVersion: "v1", kind: "Service", metadata, spec: { ports: "http" } };
    await storage.create("/registry/services/default/odd", Buffer.from(JSON.stringify(odd)));
    await storage.create(`${portClaims}30501`, Buffer.from('{"uid":"odd"}'));
    await storage.create(`${portClaims}30502`, Buffer.from('{"uid":"gone"}'));
    const cache = await WatchCache.open({ storage, definitions: [services], clock: systemClock, log: silentLog });
    const core = { storage, cache, random: seededRandom(1), log: silentLog };
    await repairRanges(core, await repairRanges(core, new Map()));
    expect(await claims()).toEqual(["30501"]);
    await cache.close();
  });
});
