import { existsSync } from "node:fs";
import { isIP } from "node:net";
import { join, resolve } from "node:path";
import { systemClock } from "../base/clock.js";
import { DirLockedError, lockDir } from "../base/dir-lock.js";
import { createLog } from "../base/log.js";
import { systemRandom } from "../base/random.js";
import { containerRanges, isLoopback, loopbackRanges, simulatedRanges } from "./addresses.js";
import type { ServingFlags } from "./api-server.js";
import { applyManifests } from "./apply.js";
import { type Components, startComponents } from "./cluster.js";
import { logLevel } from "./log-level.js";
import type { PodFlags } from "./pod-flags.js";
import { claimRange } from "./range-claim.js";
import { type ChosenRuntime, chooseRuntime, type RuntimeFlags, rememberRuntime } from "./runtime-choice.js";
import type { StoreFlags } from "./store.js";
import { explain, UserError } from "./user-error.js";

export interface UpFlags extends StoreFlags, ServingFlags, PodFlags, RuntimeFlags {
  readonly clusterCidr?: string;
  readonly nodes: number;
  readonly apply: readonly string[];
  readonly nodeMonitorGracePeriod?: number;
  readonly allowHostAccess: boolean;
  readonly iTrustEveryClient: boolean;
  readonly v: number;
}

/** All components in this process, until a signal ends them. Resolves when everything has stopped. */
export async function up(flags: UpFlags): Promise<void> {
  const startedMs = performance.timeOrigin;
  const dataDir = resolve(flags.dataDir);
  const context = { dataDir, address: `${flags.bindAddress}:${flags.securePort}` };
  checkFlags(flags);
  const chosen = await chooseRuntime(flags, dataDir, systemClock);
  const { runtime } = chosen;
  if (runtime === "cri" && flags.nodes > 1)
    throw new UserError("--nodes: a container runtime is one node; more than one takes --runtime process or simulated");
  if (runtime === "process" && !isLoopback(flags.bindAddress) && !flags.iTrustEveryClient) {
    throw new UserError(
      `--bind-address ${flags.bindAddress} lets others on the network run programs as you: with the process runtime it needs --i-trust-every-client`,
    );
  }
  const unlock = lock(dataDir);
  const ended = new Ending();
  let components: Components | undefined;
  let giveBack = (): void => {};
  try {
    const log = createLog({ level: logLevel(flags.v), file: join(dataDir, "navarch.log") });
    process.stderr.write(`${chosen.why}\n`);
    const ranges = rangesFor(chosen, flags);
    if (runtime === "process") giveBack = await claimRange(flags.loopbackCidr);
    components = await startComponents({
      flags,
      chosen,
      dataDir,
      ranges: { ...ranges, services: flags.serviceClusterIpRange ?? ranges.services },
      clock: systemClock,
      random: systemRandom,
      log,
      onFatal: (error) => ended.fatal(error),
    });
    rememberRuntime(chosen, dataDir);
    await Promise.race([components.ready(), ended.promise]);
    if (!ended.reason) {
      const tookMs = Math.round(Date.now() - startedMs);
      const kubeconfig = join(flags.dataDir, "kubeconfig");
      process.stdout.write(`ready in ${tookMs} ms: ${components.url} (kubeconfig ${kubeconfig})\n`);
      await applyManifests(flags.apply, join(dataDir, "kubeconfig"));
    }
    await ended.promise;
  } catch (error) {
    await components?.stop({ graceMs: 0 }).catch(() => {});
    giveBack();
    unlock();
    throw new UserError(explain(error, context));
  }
  if (ended.reason instanceof Error) {
    // The store cannot be trusted any more: acknowledge nothing, wait for nothing.
    process.stderr.write(`error: ${explain(ended.reason, context)}\n`);
    process.exit(1);
  }
  process.stderr.write("stopping: ending the pods (Ctrl-C again leaves them running) ...\n");
  const failure = await components.stop({ graceMs: podGraceMs }).then(
    () => undefined,
    (error: unknown) => explain(error, context),
  );
  giveBack();
  unlock();
  if (failure !== undefined) process.stderr.write(`error: pods may run on, the next start adopts them: ${failure}\n`);
  process.exit(failure === undefined ? 0 : 1);
}

function rangesFor({ runtime }: ChosenRuntime, { clusterCidr, loopbackCidr }: UpFlags) {
  if (runtime === "process") {
    if (clusterCidr !== undefined)
      throw new UserError("--cluster-cidr goes with containers: the process runtime takes --loopback-cidr");
    return loopbackRanges(loopbackCidr);
  }
  const ranges = runtime === "cri" ? containerRanges : simulatedRanges;
  return { ...ranges, pods: clusterCidr ?? ranges.pods };
}

const podGraceMs = 10_000;

/** What commander cannot see: values that make sense only together, or only for this machine. */
function checkFlags({ bindAddress, etcdServers, etcdCafile, etcdCertfile, etcdKeyfile, apply }: UpFlags): void {
  for (const file of apply)
    if (file !== "-" && !/^https?:\/\//.test(file) && !existsSync(file))
      throw new UserError(`--apply ${file}: there is no such file or directory`);
  if (isIP(bindAddress) === 0) throw new UserError(`--bind-address ${bindAddress} is not an IP address`);
  if (!etcdServers && (etcdCafile ?? etcdCertfile ?? etcdKeyfile))
    throw new UserError("--etcd-cafile, --etcd-certfile and --etcd-keyfile go with --etcd-servers");
  if ((etcdCertfile === undefined) !== (etcdKeyfile === undefined))
    throw new UserError("--etcd-certfile and --etcd-keyfile go together");
}

/** What ends `up`: a signal, or a failure that nothing can be done about. */
class Ending {
  reason: NodeJS.Signals | Error | undefined;
  readonly promise: Promise<void>;
  #end: () => void = () => {};
  #sinceMs = 0;

  constructor() {
    this.promise = new Promise((resolve) => {
      this.#end = resolve;
    });
    for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => this.#signalled(signal));
  }

  /** The first signal ends everything in order; one that comes clearly later is meant, and leaves the pods running. */
  #signalled(signal: NodeJS.Signals): void {
    const nowMs = systemClock.monotonic();
    if (this.reason && nowMs - this.#sinceMs > sameSignalMs) {
      process.stderr.write("stopped at once: pods that had not ended yet run on; the next start adopts them\n");
      process.exit(130);
    }
    if (this.reason) return;
    this.reason = signal;
    this.#sinceMs = nowMs;
    this.#end();
  }

  fatal(error: Error): void {
    this.reason = error;
    this.#end();
    setTimeout(() => process.exit(1), fatalExitMs).unref();
  }
}

const fatalExitMs = 2_000;
/** A shell, npm and a supervisor may each pass on the same Ctrl-C. */
const sameSignalMs = 1_000;

function lock(dataDir: string): () => void {
  try {
    return lockDir(dataDir);
  } catch (error) {
    if (error instanceof DirLockedError) {
      throw new UserError(
        `${dataDir} is used by another navarch (process ${error.pid}): stop it, or wait until it has stopped, or choose another --data-dir`,
      );
    }
    throw new UserError(explain(error, { dataDir }));
  }
}
