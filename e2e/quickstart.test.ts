import { quickstart } from "./harness/cluster.js";
import { describeQuickstart } from "./harness/quickstart.js";
import { onEachStore } from "./harness/stores.js";

onEachStore("quickstart", ["--apply", quickstart], describeQuickstart);
