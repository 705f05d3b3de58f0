import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { systemClock } from "../../../base/clock.js";
import { silentLog } from "../../../base/log.js";
import { type Etcd, startEtcd } from "../../../e2e/harness/etcd.js";
import { describeWith } from "../../../e2e/harness/needs.js";
import { describeStorage } from "../storage.contract.js";
import {
  FutureRevisionError,
  type Storage,
  StoreFullError,
  StoreUnavailableError,
  ValueTooLargeError,
} from "../storage.js";
import { bytes, collectCount, freshPrefix, shownEvent, won } from "../storage.test-kit.js";
import type { EtcdTls } from "./client.js";
import { openEtcd } from "./etcd.js";

const open = (etcd: Pick<Etcd, "endpoints">): Promise<Storage> =>
  openEtcd({ endpoints: etcd.endpoints, log: silentLog, clock: systemClock, historyMs: 0 });

describeWith(["etcd"], "storage on etcd", () => {
  let etcd: Etcd;
  beforeAll(async () => {
    etcd = await startEtcd();
  });
  afterAll(() => etcd.stop());

  describeStorage({
    name: "etcd",
    open: () => open(etcd),
    // etcd looks for expired leases twice a second and grants none shorter than two.
    passTtl: (seconds) => sleep(seconds * 1_000),
    modelRuns: 15,
  });

  it("refuses a value that etcd finds too large, and goes on", async () => {
    const storage = await open(etcd);
    const prefix = freshPrefix();
    await expect(storage.create(`${prefix}a`, Buffer.alloc(2 * 1024 * 1024))).rejects.toThrow(ValueTooLargeError);
    won(await storage.create(`${prefix}b`, bytes("1")));
    await storage.close();
  });

  it("reads a list of several pages at one revision", async () => {
    const storage = await open(etcd);
    const prefix = freshPrefix();
    await Promise.all(Array.from({ length: 1_203 }, (_, n) => storage.create(`${prefix}${10_000 + n}`, bytes(`${n}`))));
    const list = await storage.list(prefix);
    expect(list.items.map((item) => item.key)).toEqual(
      Array.from({ length: 1_203 }, (_, n) => `${prefix}${10_000 + n}`),
    );
    expect(await storage.list(prefix, { limit: 700 })).toMatchObject({ remaining: 503, revision: list.revision });
    await storage.close();
  });
});

describeWith(["etcd"], "storage on etcd with much to tell", () => {
  it("holds nothing for a watcher that does not read, and loses nothing of it", async () => {
    const etcd = await startEtcd();
    const storage = await open(etcd);
    const prefix = freshPrefix();
    const total = 3_000;
    const controller = new AbortController();
    const watch = storage.watch(prefix, await storage.currentRevision(), controller.signal)[Symbol.asyncIterator]();
    const first = watch.next();
    const revisions: number[] = [];
    const write = async (writer: number): Promise<void> => {
      for (let n = 0; n < total / 30; n++)
        revisions.push(won(await storage.create(`${prefix}${writer}-${n}`, Buffer.alloc(5_000))));
    };
    await Promise.all(Array.from({ length: 30 }, (_, writer) => write(writer)));
    const seen = [...((await first).value ?? [])];
    while (seen.length < total) seen.push(...((await watch.next()).value ?? []));
    expect(seen.map((event) => event.revision)).toEqual(revisions.toSorted((a, b) => a - b));
    controller.abort();
    await storage.close();
    await etcd.stop();
  });

  it("passes over a member that cannot be reached", async () => {
    const etcd = await startEtcd();
    const storage = await open({ endpoints: ["http://127.0.0.1:1", ...etcd.endpoints] });
    const prefix = freshPrefix();
    const after = await storage.currentRevision();
    const started = performance.now();
    for (let n = 0; n < 30; n++) won(await storage.create(`${prefix}${n}`, bytes("1")));
    expect(performance.now() - started).toBeLessThan(30_000);
    expect(await collectCount(storage, prefix, after, 30)).toHaveLength(30);
    await storage.close();
    await etcd.stop();
  });
});

describeWith(["etcd"], "storage on an etcd that comes and goes", () => {
  let etcd: Etcd;
  let storage: Storage;
  beforeEach(async () => {
    etcd = await startEtcd();
    storage = await open(etcd);
  });
  afterEach(async () => {
    await storage.close();
    await etcd.stop();
  });

  it("resumes watches soon after a restart, without gap or repeat", async () => {
    const prefix = freshPrefix();
    const seen: unknown[] = [];
    const controller = new AbortController();
    const start = await storage.currentRevision();
    const watching = (async (): Promise<void> => {
      for await (const events of storage.watch(prefix, start, controller.signal)) seen.push(...events.map(shownEvent));
    })();
    const expected: unknown[] = [];
    for (let round = 0; round < 3; round++) {
      const key = `${prefix}${round}`;
      const revision = won(await storage.create(key, bytes("1")));
      expected.push(["create", key, "1", revision, undefined]);
      if (round === 1) await until(() => seen.length === expected.length, 60_000);
      await etcd.restart();
    }
    await until(() => seen.length === expected.length, 20_000);
    expect(seen).toEqual(expected);
    controller.abort();
    await watching;
  });

  it("says that etcd cannot be reached, and recovers when it can", async () => {
    const key = `${freshPrefix()}a`;
    await etcd.kill("SIGKILL");
    await expect(storage.create(key, bytes("1"))).rejects.toThrow(StoreUnavailableError);
    await expect(storage.currentRevision()).rejects.toThrow(StoreUnavailableError);
    await expect(storage.healthCheck(AbortSignal.timeout(5_000))).rejects.toThrow(StoreUnavailableError);
    await expect(open(etcd)).rejects.toThrow(etcd.endpoints[0]);
    await etcd.restart();
    await until(
      () =>
        storage.healthCheck(AbortSignal.timeout(5_000)).then(
          () => true,
          () => false,
        ),
      20_000,
    );
    won(await storage.create(key, bytes("1")));
  });

  it("ends a watch when the store behind it is another one", async () => {
    const prefix = freshPrefix();
    for (let n = 0; n < 5; n++) won(await storage.create(`${prefix}${n}`, bytes("1")));
    const after = await storage.currentRevision();
    const controller = new AbortController();
    const watching = storage.watch(prefix, after, controller.signal)[Symbol.asyncIterator]().next();
    await sleep(100);
    await etcd.kill("SIGKILL");
    rmSync(`${etcd.dir}/data`, { recursive: true });
    const refused = expect(watching).rejects.toThrow(FutureRevisionError);
    await etcd.restart();
    await refused;
    controller.abort();
  });
});

describeWith(["etcd"], "storage on a full etcd", () => {
  it("refuses writes and is unhealthy, but deletes", async () => {
    const etcd = await startEtcd({ quotaBytes: 4 * 1024 * 1024 });
    const storage = await open(etcd);
    const prefix = freshPrefix();
    const first = won(await storage.create(`${prefix}first`, bytes("1")));
    const fill = async (): Promise<void> => {
      for (let n = 0; n < 20; n++) await storage.create(`${prefix}${n}`, Buffer.alloc(1024 * 1024));
    };
    await expect(fill()).rejects.toThrow(StoreFullError);
    await expect(storage.healthCheck(AbortSignal.timeout(5_000))).rejects.toThrow(StoreFullError);
    won(await storage.delete(`${prefix}first`, first));
    await storage.close();
    await etcd.stop();
  });
});

describeWith(["etcd", "openssl"], "storage on etcd over TLS", () => {
  it("speaks to the server that its authority signed, with a certificate of its own, and to no other", async () => {
    const dir = mkdtempSync(join(tmpdir(), "navarch-etcd-tls-"));
    for (const name of ["ca", "other"]) authority(dir, name);
    for (const name of ["server", "client"]) certificate(dir, name);
    const file = (name: string): string => join(dir, name);
    const pem = (name: string): Uint8Array => readFileSync(file(name));
    const tls = { certFile: file("server.crt"), keyFile: file("server.key"), caFile: file("ca.crt") };
    const etcd = await startEtcd({ tls });
    const { endpoints } = etcd;
    const client = { cert: pem("client.crt"), key: pem("client.key") };
    const openTls = (given: EtcdTls): Promise<Storage> =>
      openEtcd({ endpoints, tls: given, log: silentLog, clock: systemClock, historyMs: 0 });
    const storage = await openTls({ ca: pem("ca.crt"), ...client });
    won(await storage.create(`${freshPrefix()}a`, bytes("1")));
    await storage.close();
    await expect(openTls({ ca: pem("other.crt"), ...client })).rejects.toThrow(StoreUnavailableError);
    await expect(openTls({ ca: pem("ca.crt") })).rejects.toThrow(StoreUnavailableError);
    await etcd.stop();
    rmSync(dir, { recursive: true });
  });
});

const openssl = (dir: string, args: string): void =>
  void execFileSync("openssl", args.split(" "), { cwd: dir, stdio: ["ignore", "ignore", "pipe"] });

const newKey = "-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes";
const authority = (dir: string, name: string): void =>
  openssl(dir, `req -x509 ${newKey} -days 2 -subj /CN=${name} -keyout ${name}.key -out ${name}.crt`);

function certificate(dir: string, name: string): void {
  writeFileSync(join(dir, "extensions"), "subjectAltName=IP:127.0.0.1\n");
  openssl(dir, `req ${newKey} -subj /CN=${name} -keyout ${name}.key -out ${name}.csr`);
  openssl(dir, `x509 -req -in ${name}.csr -CA ca.crt -CAkey ca.key -days 2 -extfile extensions -out ${name}.crt`);
}

async function until(condition: () => boolean | Promise<boolean>, timeoutMs: number): Promise<void> {
  const deadline = performance.now() + timeoutMs;
  while (!(await condition())) {
    if (performance.now() > deadline) throw new Error(`not so within ${timeoutMs} ms`);
    await sleep(20);
  }
}
