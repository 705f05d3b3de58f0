import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { openEmbedded } from "../apiserver/storage/embedded/embedded.js";
import type { Storage } from "../apiserver/storage/storage.js";
import type { Clock } from "../base/clock.js";
import type { Logger } from "../base/log.js";

export interface StoreFlags {
  readonly dataDir: string;
  readonly etcdServers?: readonly string[];
  readonly etcdCafile?: string;
  readonly etcdCertfile?: string;
  readonly etcdKeyfile?: string;
  /** 0: the past is not forgotten by its age. */
  readonly etcdCompactionInterval?: number;
}

/** Opens etcd where servers are named, else the embedded store in the data directory. */
export async function openStore(
  flags: StoreFlags,
  {
    dataDir,
    clock,
    log,
    onFatal,
  }: {
    readonly dataDir: string;
    readonly clock: Clock;
    readonly log: Logger;
    readonly onFatal: (error: Error) => void;
  },
): Promise<Storage> {
  const { etcdServers, etcdCafile, etcdCertfile, etcdKeyfile, etcdCompactionInterval: historyMs } = flags;
  const history = historyMs === undefined ? {} : { historyMs };
  if (!etcdServers) return openEmbedded({ dir: join(dataDir, "store"), clock, log, onFatal, ...history });
  const { openEtcd } = await import("../apiserver/storage/etcd/etcd.js");
  const pem = async (path: string | undefined) => (path ? await readFile(path) : undefined);
  const [ca, cert, key] = await Promise.all([pem(etcdCafile), pem(etcdCertfile), pem(etcdKeyfile)]);
  const tls = ca || cert ? { ...(ca ? { ca } : {}), ...(cert && key ? { cert, key } : {}) } : undefined;
  return openEtcd({ endpoints: etcdServers, clock, log, ...history, ...(tls ? { tls } : {}) });
}
