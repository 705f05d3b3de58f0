import { X509Certificate } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { silentLog } from "./log.js";
import { nextLookMs, Renewals, renewAtMs } from "./renewal.js";
import { ensurePki, type Pki } from "./tls.js";
import { VirtualClock } from "./virtual-clock.js";

const secondMs = 1_000;
const minuteMs = 60 * secondMs;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;
const startMs = Date.UTC(2030, 0, 1);

let dir: string;
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), "renewal-"));
});
afterAll(() => rmSync(dir, { recursive: true }));

const pkiOf = (clock: VirtualClock, leafLifeMs: number): Promise<Pki> =>
  ensurePki(join(dir, "pki"), { clock, leafLifeMs });
const from = (fromMs: number, lifeMs: number) => ({
  validFrom: new Date(fromMs).toUTCString(),
  validTo: new Date(fromMs + lifeMs).toUTCString(),
});

describe("a certificate is due", () => {
  it.each([
    ["a month before its end", 365 * dayMs, 335 * dayMs],
    ["when a third of its time is left, where that is less", 60 * dayMs, 40 * dayMs],
    ["in time even if it lives for seconds", 30 * secondMs, 20 * secondMs],
  ])("%s", (_, lifeMs, dueMs) => expect(renewAtMs(from(startMs, lifeMs))).toBe(startMs + dueMs));

  it("not again at once where it could not be renewed, but sooner the nearer its end is", async () => {
    const clock = new VirtualClock(startMs);
    const { certificate } = await (await pkiOf(clock, hourMs)).issueClient({ user: "u" });
    expect(nextLookMs(certificate, false, startMs)).toBeGreaterThan(startMs + 30 * minuteMs);
    expect(nextLookMs(certificate, false, startMs + 50 * minuteMs)).toBe(startMs + 50 * minuteMs + 30 * secondMs);
    expect(nextLookMs(certificate, false, startMs + 59 * minuteMs)).toBe(startMs + 59 * minuteMs + 3 * secondMs);
    expect(nextLookMs(certificate, false, startMs + 61 * minuteMs)).toBe(startMs + 61 * minuteMs + secondMs);
  });

  it("to be read again every minute where others renew it", async () => {
    const clock = new VirtualClock(startMs);
    const { certificate } = await (await pkiOf(clock, 10 * dayMs)).issueClient({ user: "u" });
    expect(nextLookMs(certificate, true, startMs + dayMs)).toBe(startMs + dayMs + minuteMs);
  });
});

describe("renewals", () => {
  it.each([30 * secondMs, 10 * minuteMs, 3 * dayMs, 91 * dayMs])(
    "leave no certificate of %d ms to its end, though every second attempt fails",
    async (lifeMs) => {
      const clock = new VirtualClock(startMs);
      const pki = await pkiOf(clock, lifeMs);
      const renewals = new Renewals({ clock, log: silentLog });
      let held = (await pki.issueClient({ user: "u" })).certificate;
      let attempts = 0;
      let renewed = 0;
      let underWay: Promise<unknown> = Promise.resolve();
      const issue = async (): Promise<string> => {
        held = (await pki.issueClient({ user: "u" })).certificate;
        renewed++;
        return held;
      };
      const renew = (): Promise<string> => {
        if (attempts++ % 2 === 0) return Promise.reject(new Error("not now"));
        const issued = issue();
        underWay = issued;
        return issued;
      };
      renewals.add({ what: "u", certificate: held, renew });
      const steps = 60;
      for (let step = 0; step < steps; step++) {
        await clock.advance(lifeMs / 20);
        await underWay;
        expect(Date.parse(new X509Certificate(held).validTo)).toBeGreaterThan(clock.now());
      }
      await renewals.stop();
      expect(renewed).toBeGreaterThanOrEqual(3);
      expect(renewed).toBeLessThan(12);
      const before = attempts;
      await clock.advance(10 * lifeMs);
      expect(attempts).toBe(before);
    },
  );

  it("go on with the others, and end, while one of them hangs", async () => {
    const clock = new VirtualClock(startMs);
    const { certificate } = await (await pkiOf(clock, hourMs)).issueClient({ user: "u" });
    const told: unknown[] = [];
    const log = { ...silentLog, error: (_: string, fields: object = {}) => void told.push(fields) };
    const renewals = new Renewals({ clock, log });
    let asked = 0;
    let hanging = 0;
    const hang = (): Promise<string> => {
      hanging++;
      return new Promise(() => {});
    };
    const renew = async (): Promise<string> => {
      asked++;
      return certificate;
    };
    renewals.add({ what: "stuck", certificate, madeElsewhere: true, renew: hang });
    renewals.add({ what: "u", certificate, madeElsewhere: true, renew });
    await clock.advance(5 * minuteMs);
    expect(asked).toBeGreaterThan(1);
    expect(hanging).toBe(1); // the attempt under way is not doubled
    expect(told).toEqual([expect.objectContaining({ of: "stuck", error: expect.stringContaining("10 s") })]);
    const before = asked;
    let stopped = false;
    const stopping = renewals.stop().then(() => {
      stopped = true;
    });
    await clock.advance(minuteMs);
    expect(stopped).toBe(true);
    await stopping;
    expect(asked).toBe(before);
  });

  it("take what an attempt brings late", async () => {
    const clock = new VirtualClock(startMs);
    const pki = await pkiOf(clock, hourMs);
    const { certificate } = await pki.issueClient({ user: "u" });
    const told: string[] = [];
    const log = { ...silentLog, info: (text: string) => void told.push(text) };
    const renewals = new Renewals({ clock, log });
    let bring: (certificate: string) => void = () => {};
    const renew = (): Promise<string> =>
      new Promise((resolve) => {
        bring = resolve;
      });
    renewals.add({ what: "u", certificate, madeElsewhere: true, renew });
    await clock.advance(3 * minuteMs);
    bring((await pki.issueClient({ user: "v" })).certificate);
    await clock.advance(0);
    expect(told).toEqual(["certificate renewed"]);
    await renewals.stop();
  });

  it("say once why one is not renewed, and again when that changes", async () => {
    const clock = new VirtualClock(startMs);
    const { certificate } = await (await pkiOf(clock, hourMs)).issueClient({ user: "u" });
    const told: unknown[] = [];
    const log = { ...silentLog, error: (_: string, fields: object = {}) => void told.push(fields) };
    const renewals = new Renewals({ clock, log });
    let why = "the file is gone";
    const renew = () => Promise.reject(new Error(why));
    renewals.add({ what: "u", certificate, madeElsewhere: true, renew });
    await clock.advance(5 * minuteMs);
    why = "half of it is there";
    await clock.advance(5 * minuteMs);
    await renewals.stop();
    expect(told).toEqual([
      expect.objectContaining({ of: "u", error: "the file is gone" }),
      expect.objectContaining({ of: "u", error: "half of it is there" }),
    ]);
  });
});
