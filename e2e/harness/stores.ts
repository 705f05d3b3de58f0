import { type Cluster, startCluster, stopClusters } from "./cluster.js";
import { type Etcd, startEtcd } from "./etcd.js";
import { describeWith } from "./needs.js";

/** The cluster that a suite works on; another value after `restart`. */
export interface Running {
  readonly cluster: Cluster;
  /** Starts it again on its data and port, after `stop` or `kill`. */
  restart(): Promise<void>;
}

/** The same suite on a cluster with the embedded store, and on one with etcd. */
export function onEachStore(suite: string, flags: readonly string[], define: (running: Running) => void): void {
  describe(`${suite}, on the embedded store`, () => onCluster(flags, async () => undefined, define));
  describeWith(["etcd"], `${suite}, on etcd`, () => onCluster(flags, () => startEtcd(), define));
}

function onCluster(
  flags: readonly string[],
  startStore: () => Promise<Etcd | undefined>,
  define: (running: Running) => void,
): void {
  let etcd: Etcd | undefined;
  let current: Cluster | undefined;
  const storeFlags = (): readonly string[] => (etcd ? ["--etcd-servers", etcd.endpoints.join(",")] : []);
  const running: Running = {
    get cluster() {
      if (!current) throw new Error("the cluster did not start");
      return current;
    },
    async restart() {
      const { dataDir, port } = running.cluster;
      current = await startCluster({ dataDir, port, flags: storeFlags() });
    },
  };
  beforeAll(async () => {
    etcd = await startStore();
    current = await startCluster({ flags: [...storeFlags(), ...flags] });
  });
  afterAll(async () => {
    await stopClusters();
    await etcd?.stop();
  });
  define(running);
}
