import { VirtualClock } from "../../../base/virtual-clock.js";
import { describeStorage } from "../storage.contract.js";
import { openMemory } from "./memory.js";

const clock = new VirtualClock();

describeStorage({
  name: "memory",
  open: async () => openMemory({ clock }),
  passTtl: (seconds) => clock.advance(seconds * 1_000),
  modelRuns: 200,
});
