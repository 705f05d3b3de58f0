import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { silentLog } from "../../../base/log.js";
import { VirtualClock } from "../../../base/virtual-clock.js";
import { describeStorage } from "../storage.contract.js";
import { openEmbedded } from "./embedded.js";

const clock = new VirtualClock();
const home = mkdtempSync(join(tmpdir(), "navarch-store-"));
afterAll(() => rmSync(home, { recursive: true, force: true }));
let stores = 0;

describeStorage({
  name: "embedded",
  open: () =>
    openEmbedded({
      dir: join(home, `contract-${++stores}`),
      log: silentLog,
      clock,
      onFatal: (error) => {
        throw error;
      },
    }),
  passTtl: async (seconds) => {
    await clock.advance(seconds * 1_000);
    await new Promise((resolve) => setTimeout(resolve, 100));
  },
  modelRuns: 100,
});
