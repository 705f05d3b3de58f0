import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { startUp, until, withDir } from "./kit/cluster.js";
import { machine, numberOf } from "./kit/figures.js";
import { type Http, openHttp } from "./kit/http.js";

const podsPath = "/api/v1/namespaces/default/pods";

/** Memory of what keeps a container of the process runtime, its own program left out: proportional (shared pages are divided among those who share them) and private. */
export async function run(args: readonly string[]): Promise<void> {
  const count = numberOf(args, "pods", 50);
  console.log(machine());
  await withDir(async (dir) => {
    const up = startUp({ dataDir: join(dir, "data"), flags: ["--runtime", "process"] });
    try {
      await up.ready;
      const http = openHttp(await up.connection());
      for (let i = 0; i < count; i++) await create(http, `idle-${i}`);
      await until("all pods run", async () => (await running(http)) === count, 100);
      const kept = processesIn(up.dataDir);
      const sum = (field: string): number => kept.reduce((total, pid) => total + rollup(pid, field), 0);
      console.log(`${count} containers, ${(kept.length / count).toFixed(1)} processes each beside the program:`);
      console.log(`  proportional: ${Math.round(sum("Pss") / count)} KB a container`);
      console.log(
        `  private:      ${Math.round((sum("Private_Dirty") + sum("Private_Clean")) / count)} KB a container`,
      );
      http.close();
    } finally {
      await up.stop();
    }
  });
}

async function create(http: Http, name: string): Promise<void> {
  const container = { name: "main", image: "busybox", command: ["sleep", program] };
  const pod = {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name },
    spec: { containers: [container], terminationGracePeriodSeconds: 0 },
  };
  const { status, body } = await http.ask("POST", podsPath, JSON.stringify(pod));
  if (status !== 201) throw new Error(`${status} ${body.toString("utf8")}`);
}

/** By which the containers' own programs are told apart. */
const program = "86399";

async function running(http: Http): Promise<number> {
  const { items } = await http.json<{ readonly items: readonly { readonly status?: { readonly phase?: string } }[] }>(
    podsPath,
  );
  return items.filter(({ status }) => status?.phase === "Running").length;
}

/** Whatever lives in the directory of a container, and is not its program. */
function processesIn(dataDir: string): readonly number[] {
  return readdirSync("/proc").flatMap((name) => {
    if (!/^\d+$/.test(name)) return [];
    try {
      const commandLine = readFileSync(`/proc/${name}/cmdline`, "latin1");
      if (commandLine.includes(`${program}\0`)) return [];
      const stat = readFileSync(`/proc/${name}/stat`, "latin1");
      const session = stat.slice(stat.lastIndexOf(")") + 2).split(" ")[3];
      const leader = readFileSync(`/proc/${session}/cmdline`, "latin1");
      return leader.includes(`${dataDir}/nodes/`) && leader.includes("supervisor.sh") ? [Number(name)] : [];
    } catch {
      return []; // gone
    }
  });
}

/** KB, of /proc/PID/smaps_rollup. */
const rollup = (pid: number, field: string): number =>
  Number(new RegExp(`^${field}:\\s+(\\d+)`, "m").exec(readFileSync(`/proc/${pid}/smaps_rollup`, "utf8"))?.[1] ?? 0);
