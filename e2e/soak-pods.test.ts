import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { Chaos, chaosSize, type Deed, kill } from "./harness/chaos.js";
import { stopClusters } from "./harness/cluster.js";
import { processesNaming, processesOf } from "./harness/processes.js";
import { pick } from "./harness/random-pods.js";
import { eventually } from "./harness/run.js";

const size = chaosSize({ count: 16, seconds: 30 });
const { count, seconds, seed } = size;
jest.setTimeout((seconds + 240) * 1000 + count * 600);

/** Folders of that sort on all nodes of the cluster. */
const below = (dataDir: string, folder: string): readonly string[] =>
  readdirSync(join(dataDir, "nodes")).flatMap((node) => {
    const dir = join(dataDir, "nodes", node, folder);
    return existsSync(dir) ? readdirSync(dir).map((name) => join(dir, name)) : [];
  });

const deeds = (chaos: Chaos): readonly Deed[] => [
  [
    4,
    async () => {
      const { random } = chaos;
      const { dataDir, process } = chaos.cluster;
      const dirs = below(dataDir, "containers");
      if (dirs.length === 0) return;
      const file = join(pick(random, dirs), pick(random, ["supervisor", "pid", "pump"]));
      if (!existsSync(file)) return;
      const pid = Number.parseInt(readFileSync(file, "utf8"), 10);
      // It may be outdated: the process must still be ours.
      if (processesNaming(dataDir).includes(pid) && pid !== process.pid) kill(pid);
    },
  ],
];

/** By the marks in the processes' environments. */
async function running({ cluster: { dataDir } }: Chaos): Promise<readonly string[]> {
  const found = new Set<string>();
  for (const pid of readdirSync("/proc").filter((name) => /^\d+$/.test(name))) {
    let environ = "";
    try {
      environ = readFileSync(`/proc/${pid}/environ`, "utf8");
    } catch {
      continue;
    }
    const id = /(?:^|\0)NAVARCH_CONTAINER_ID=([^\0]+)/.exec(environ)?.[1];
    if (id && environ.includes(`${dataDir}/`)) found.add(id);
  }
  return [...found];
}

describe("pods of random shape, with random kills of everything", () => {
  afterAll(stopClusters);

  it(`are as declared in the end, and leave nothing behind (seed ${seed})`, async () => {
    const chaos = await Chaos.start({
      flags: ["--nodes", String(Math.ceil(count / 90))],
      ...{ size, deeds, processesOf, running },
    });
    await chaos.populate();
    await chaos.rage();
    await chaos.settled();
    await chaos.clear();
    const { cluster } = chaos;
    const { dataDir } = cluster;
    await eventually("nothing is left on disk", () => {
      const left = ["containers", "sandboxes", "pods"].flatMap((folder) => below(dataDir, folder));
      if (left.length > 0) throw new Error(left.join("\n"));
      return true;
    });
    expect(readFileSync("/proc/self/mountinfo", "utf8")).not.toContain(dataDir);
    expect(processesNaming(dataDir).filter((pid) => pid !== cluster.process.pid)).toEqual([]);
    expect(await cluster.stop()).toBe(0);
    expect(processesNaming(dataDir)).toEqual([]);
  });
});
