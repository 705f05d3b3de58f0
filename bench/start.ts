import { join } from "node:path";
import { freePort, quickstart, startUp, type Up, until, withDir } from "./kit/cluster.js";
import { machine, numberOf, spread } from "./kit/figures.js";
import { type Http, openHttp } from "./kit/http.js";

interface Timing {
  readonly apiMs: number;
  readonly readyMs: number;
  readonly podMs: number;
}

/** From the start of the process to the API's first answer, to the `ready` line, and to the quickstart's first Ready pod. */
export async function run(args: readonly string[]): Promise<void> {
  const rounds = numberOf(args, "rounds", 7);
  console.log(machine());
  await withDir(async (dir) => {
    const cold: Timing[] = [];
    for (let n = 0; n < rounds; n++) cold.push(await measure(join(dir, `cold-${n}`)));
    print("cold (certificates made, empty store)", cold);
    const warm: Timing[] = [];
    for (let n = 0; n < rounds; n++) warm.push(await measure(join(dir, "cold-0")));
    print("warm (the pods of the last run are started again)", warm);
  });
}

function print(name: string, timings: readonly Timing[]): void {
  console.log(`${name}, median of ${timings.length} (lowest to highest), from the start of the process:`);
  console.log(
    `  /readyz answers 200:     ${spread(
      timings.map(({ apiMs }) => apiMs),
      "ms",
    )}`,
  );
  console.log(
    `  ready line:              ${spread(
      timings.map(({ readyMs }) => readyMs),
      "ms",
    )}`,
  );
  console.log(
    `  first pod Ready:         ${spread(
      timings.map(({ podMs }) => podMs),
      "ms",
    )}`,
  );
}

async function measure(dataDir: string): Promise<Timing> {
  const port = await freePort();
  const up = startUp({ dataDir, port, flags: ["--runtime", "process", "--apply", quickstart] });
  try {
    const [apiAt, readyAt, podAt] = await Promise.all([apiAnswers(port), up.ready, firstPodReady(up)]);
    return { apiMs: apiAt - up.startedAt, readyMs: readyAt - up.startedAt, podMs: podAt - up.startedAt };
  } finally {
    await up.stop();
  }
}

async function apiAnswers(port: number): Promise<number> {
  const http = openHttp({ server: `https://127.0.0.1:${port}`, tls: {} });
  const at = await until("/readyz is 200", async () => (await http.ask("GET", "/readyz")).status === 200, 2);
  http.close();
  return at;
}

interface PodList {
  readonly items: readonly {
    readonly status?: {
      readonly conditions?: readonly {
        readonly type: string;
        readonly status: string;
        readonly lastTransitionTime?: string;
      }[];
      readonly containerStatuses?: readonly {
        readonly state?: { readonly running?: { readonly startedAt: string } };
      }[];
    };
  }[];
}

/** A warm start finds the pods of the last run, which say Ready until they are looked at: only what started since counts. */
async function firstPodReady(up: Up): Promise<number> {
  const since = Math.floor(Date.now() / 1000) * 1000;
  await up.ready;
  const http: Http = openHttp(await up.connection());
  const at = await until(
    "a pod is Ready",
    async () => {
      const { items } = await http.json<PodList>("/api/v1/namespaces/default/pods");
      return items.some(({ status }) => {
        const isReady = status?.conditions?.some((one) => one.type === "Ready" && one.status === "True");
        const startedAt = status?.containerStatuses?.[0]?.state?.running?.startedAt;
        return isReady === true && startedAt !== undefined && Date.parse(startedAt) >= since;
      });
    },
    10,
  );
  http.close();
  return at;
}
