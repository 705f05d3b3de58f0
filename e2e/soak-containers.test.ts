import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { RuntimeService } from "../agent/runtime/cri/service.js";
import { systemClock } from "../base/clock.js";
import { Chaos, chaosSize, type Deed, kill } from "./harness/chaos.js";
import { stopClusters } from "./harness/cluster.js";
import {
  type Containerd,
  containerTools,
  freePodRange,
  mountsBelow,
  pidsOf,
  startContainerd,
} from "./harness/containerd.js";
import { describeWith } from "./harness/needs.js";
import { processesNaming } from "./harness/processes.js";
import { pick } from "./harness/random-pods.js";
import { eventually } from "./harness/run.js";

const size = chaosSize({ count: 12, seconds: 15 });
const { count, seconds, seed } = size;
jest.setTimeout((seconds + 240) * 1000 + count * 1_000);

describeWith(containerTools, "containers of random shape, with random kills of everything", () => {
  let containerd: Containerd;
  let service: RuntimeService;
  const range = freePodRange();
  beforeAll(async () => {
    containerd = await startContainerd();
    service = new RuntimeService(containerd.socket, systemClock);
  });
  afterAll(async () => {
    service.close();
    await stopClusters();
    await containerd.stop();
  }, 180_000);

  /** containerd's folder of each task that lives, of sandboxes too. */
  const tasks = (): readonly string[] => {
    const folder = join(containerd.dir, "state", "io.containerd.runtime.v2.task", "k8s.io");
    return existsSync(folder) ? readdirSync(folder).map((id) => join(folder, id)) : [];
  };
  const deeds = ({ random }: Chaos): readonly Deed[] => [
    [
      2,
      async () => {
        // A program, or a sandbox's own.
        const file = tasks().length > 0 ? join(pick(random, tasks()), "init.pid") : "";
        if (existsSync(file)) kill(Number(readFileSync(file, "utf8")));
      },
    ],
    [
      1,
      async () => {
        const shims = processesNaming(containerd.dir).filter((pid) => commandOf(pid).includes("containerd-shim"));
        if (shims.length > 0) kill(pick(random, shims));
      },
    ],
    [
      1,
      async () => {
        await containerd.kill();
        await systemClock.sleep(random.next() * 2_000);
        await containerd.start();
      },
    ],
  ];
  const running = async (): Promise<readonly string[]> =>
    (await service.listContainers({})).flatMap(({ id, state }) => (state === "CONTAINER_RUNNING" ? [id] : []));
  const said = (command: string, ...args: readonly string[]): string =>
    spawnSync(command, args, { encoding: "utf8" }).stdout;
  const podPrefix = (range[1] ?? "").split(".").slice(0, 2).join(".");

  it(`are as declared in the end, and leave nothing behind (seed ${seed})`, async () => {
    const chaos = await Chaos.start({
      flags: ["--runtime", "auto", "--cri-socket", containerd.socket, "--max-pods", String(count + 10), ...range],
      ...{ size, deeds, processesOf: pidsOf, running },
    });
    await chaos.populate();
    await chaos.rage();
    await chaos.settled();
    await chaos.clear();
    const { cluster } = chaos;
    await eventually("nothing is left of them", async () => {
      // A containerd that is killed while it makes or removes a sandbox forgets its network namespace, rules and shim.
      const left = {
        sandboxes: (await service.listPodSandboxes({})).map(({ id }) => id),
        containers: (await service.listContainers({})).map(({ id }) => id),
        mounts: [
          ...mountsBelow(containerd.dir).filter((path) => !path.includes("/netns/cni-")),
          ...mountsBelow(cluster.dataDir),
        ],
        cgroups: said("find", "/sys/fs/cgroup", "-type", "d", "-name", "pod*")
          .split("\n")
          .filter((path) => chaos.uids.has(path.replace(/^.*\/pod/, ""))),
        routes: said("ip", "-o", "route")
          .split("\n")
          .filter((line) => line.startsWith(`${podPrefix}.`)),
        files: readdirSync(join(cluster.dataDir, "nodes")).flatMap((node) =>
          ["pods", "logs", "sandboxed", "held"].flatMap((folder) => {
            const dir = join(cluster.dataDir, "nodes", node, folder);
            return existsSync(dir) ? readdirSync(dir).map((name) => join(dir, name)) : [];
          }),
        ),
      };
      const found = Object.entries(left).filter(([, traces]) => traces.length > 0);
      if (found.length > 0) throw new Error(JSON.stringify(found).slice(0, 4_000));
      return true;
    });
    expect(await cluster.stop()).toBe(0);
    expect(processesNaming(cluster.dataDir)).toEqual([]);
    const others = processesNaming(containerd.dir).filter((pid) => !commandOf(pid).includes("containerd-shim"));
    expect(others).toEqual([containerd.pid]);
  });
});

function commandOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8");
  } catch {
    return ""; // it ended meanwhile
  }
}
