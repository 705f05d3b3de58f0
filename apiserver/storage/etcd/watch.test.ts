import { PassThrough } from "node:stream";
import type { IRangeResponse } from "etcd3";
import { systemClock } from "../../../base/clock.js";
import { silentLog } from "../../../base/log.js";
import { StoreReplacedError } from "../storage.js";
import type { WatchStream } from "./client.js";
import type { WatchMessage } from "./messages.js";
import { type ClusterMark, type EtcdWatchOptions, watchEtcd } from "./watch.js";

/** Answers as a member of `cluster`, at a revision as high as any that is asked for. */
class Member {
  cluster = "one";
  stream = new PassThrough({ objectMode: true });

  readonly client: EtcdWatchOptions["client"] = {
    range: async () => ({ header: this.header(), kvs: [], more: false, count: "0" }) as unknown as IRangeResponse,
    openWatch: async () => {
      const requests = new PassThrough({ objectMode: true });
      this.stream = new PassThrough({ objectMode: true });
      const { stream } = this;
      const cancel = (): void => void stream.end();
      return Object.assign(stream, { cancel, write: (request: unknown) => requests.write(request) }) as WatchStream;
    },
  };

  header(): WatchMessage["header"] {
    return { cluster_id: this.cluster, member_id: "1", revision: "1000", raft_term: "2" };
  }

  /** As the server would: into what the watch reads. */
  send(message: Partial<WatchMessage>): void {
    this.stream.push({ header: this.header(), created: false, canceled: false, events: [], ...message });
  }
}

describe("a watch on etcd", () => {
  let member: Member;
  let cluster: ClusterMark;
  let stop: AbortController;
  const next = (): Promise<unknown> =>
    watchEtcd({
      client: member.client,
      cluster,
      clock: systemClock,
      log: silentLog,
      prefix: "/registry/",
      afterRevision: 10,
      signal: stop.signal,
      closing: new AbortController().signal,
    }).next();
  beforeEach(() => {
    member = new Member();
    cluster = { id: "one" };
    stop = new AbortController();
  });
  afterEach(() => stop.abort());

  it("is refused by another cluster however high its revision, and that one is known from then on", async () => {
    member.cluster = "two";
    await expect(next()).rejects.toThrow(StoreReplacedError);
    const watching = next();
    await new Promise((resolve) => setTimeout(resolve, 20));
    stop.abort();
    expect(await Promise.race([watching, "open"])).not.toBeInstanceOf(Error);
    expect(cluster.id).toBe("two");
  });

  it("ends when it is another cluster that opens the stream", async () => {
    const watching = next();
    await new Promise((resolve) => setTimeout(resolve, 20));
    member.cluster = "two";
    member.send({ created: true });
    await expect(watching).rejects.toThrow(StoreReplacedError);
  });

  it("ends when the connection comes back to another cluster", async () => {
    const watching = next();
    await new Promise((resolve) => setTimeout(resolve, 20));
    member.cluster = "two";
    member.stream.destroy(new Error("connection lost"));
    await expect(watching).rejects.toThrow(StoreReplacedError);
  });
});
