import { mkdirSync, mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { systemClock } from "../../../base/clock.js";
import { silentLog } from "../../../base/log.js";
import { eventually } from "../../eventually.test-kit.js";
import { AddressLeases, forgotten } from "./address-leases.js";

const nowMs = Date.UTC(2030, 0, 1);
const minuteMs = 60_000;
const lease = (sandboxId: string, ageMs: number) => ({ path: sandboxId, sandboxId, givenAtMs: nowMs - ageMs });

describe("addresses that were given out", () => {
  it.each([
    ["known", 60 * minuteMs, []],
    ["gone", 60 * minuteMs, ["gone"]],
    ["gone", minuteMs, []],
  ] as const)("to a %s sandbox %i ms ago: %j are given back", (id, ageMs, given) => {
    expect(forgotten([lease(id, ageMs)], new Set(["known"]), nowMs).map(({ path }) => path)).toEqual(given);
  });

  it("are never taken from a sandbox that the runtime knows", () => {
    const ids = fc.array(fc.string(), { maxLength: 8 });
    fc.assert(
      fc.property(ids, ids, fc.nat(), (given, known, ageMs) => {
        const taken = forgotten(
          given.map((id) => lease(id, ageMs)),
          new Set(known),
          nowMs,
        );
        expect(taken.filter(({ sandboxId }) => known.includes(sandboxId))).toEqual([]);
      }),
    );
  });

  it("are given back on disk, and nothing else of the plugin's", async () => {
    const dir = mkdtempSync(join(tmpdir(), "navarch-leases-"));
    const network = join(dir, "pods");
    mkdirSync(network);
    const old = new Date(Date.now() - 60 * minuteMs);
    const files = {
      "10.0.0.2": "gone\r\neth0",
      "10.0.0.3": "known\r\neth0",
      "last_reserved_ip.0": "10.0.0.3",
      lock: "",
    };
    for (const [name, text] of Object.entries(files)) {
      writeFileSync(join(network, name), text);
      utimesSync(join(network, name), old, old);
    }
    const leases = new AddressLeases({
      ...{ dir, clock: systemClock, log: silentLog },
      sandboxes: async () => new Set(["known"]),
    });
    await eventually(() => expect(readdirSync(network)).toEqual(["10.0.0.3", "last_reserved_ip.0", "lock"]));
    await leases.close();
    rmSync(dir, { recursive: true });
  });

  it("stay where they were given out again while the runtime was asked", async () => {
    const dir = mkdtempSync(join(tmpdir(), "navarch-leases-"));
    mkdirSync(join(dir, "pods"));
    const old = new Date(Date.now() - 60 * minuteMs);
    for (const name of ["10.0.0.2", "10.0.0.3"]) {
      writeFileSync(join(dir, "pods", name), "gone\r\neth0");
      utimesSync(join(dir, "pods", name), old, old);
    }
    const leases = new AddressLeases({
      ...{ dir, clock: systemClock, log: silentLog },
      async sandboxes() {
        writeFileSync(join(dir, "pods/10.0.0.2"), "new\r\neth0");
        return new Set();
      },
    });
    await eventually(() => expect(readdirSync(join(dir, "pods"))).not.toContain("10.0.0.3"));
    await leases.close();
    expect(readdirSync(join(dir, "pods"))).toEqual(["10.0.0.2"]);
    rmSync(dir, { recursive: true });
  });
});
