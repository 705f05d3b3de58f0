import type { Duplex } from "node:stream";
import type * as etcd3 from "etcd3";
import { type Clock, systemClock } from "../../../base/clock.js";
import { messageOf } from "../../../base/error-text.js";
import { StoreFullError, StoreUnavailableError, ValueTooLargeError } from "../storage.js";
import { memberPolicy, once } from "./policies.js";

export interface EtcdTls {
  /** PEM of the authorities to trust. */
  readonly ca?: Uint8Array;
  /** PEM of the client's certificate and its key. */
  readonly cert?: Uint8Array;
  readonly key?: Uint8Array;
}
export interface EtcdClientOptions {
  readonly endpoints: readonly string[];
  readonly tls?: EtcdTls;
  readonly clock: Clock;
}

const requestTimeoutMs = 10_000;
/** Waits before another try where one does no harm: a read, or a write that cannot have left. */
const retryDelaysMs = [50, 100, 200, 400];
/** Silence on a connection after which it is probed, and for how long the answer may take. */
const keepaliveTimeMs = 10_000;
const keepaliveTimeoutMs = 5_000;

/** etcd3's raw calls with our own rules about errors and repetition; its watcher, leases and retries are not used. */
export class EtcdClient {
  readonly #client: etcd3.Etcd3;
  readonly #clock: Clock;
  readonly #modTarget: etcd3.CompareTarget;
  readonly name: string;

  private constructor(client: etcd3.Etcd3, options: EtcdClientOptions, modTarget: etcd3.CompareTarget) {
    this.#client = client;
    this.#clock = options.clock;
    this.#modTarget = modTarget;
    this.name = options.endpoints.join(",");
  }

  static async open(options: EtcdClientOptions): Promise<EtcdClient> {
    const { endpoints, tls, clock } = options;
    const { Etcd3, CompareTarget } = await import("etcd3");
    const client = new Etcd3({
      hosts: [...endpoints],
      ...(tls ? { credentials: credentialsOf(tls) } : {}),
      grpcOptions: {
        "grpc.max_receive_message_length": -1,
        "grpc.max_send_message_length": -1,
        "grpc.keepalive_time_ms": keepaliveTimeMs,
        "grpc.keepalive_timeout_ms": keepaliveTimeoutMs,
        "grpc.initial_reconnect_backoff_ms": 100,
        "grpc.max_reconnect_backoff_ms": 500,
      },
      defaultCallOptions: (call) => (call.isStream ? {} : { deadline: systemClock.now() + requestTimeoutMs }),
      faultHandling: { global: once, host: () => (endpoints.length > 1 ? memberPolicy(clock) : once) },
    });
    return new EtcdClient(client, options, CompareTarget.Mod);
  }

  range(request: etcd3.IRangeRequest): Promise<etcd3.IRangeResponse> {
    return this.#retry(() => this.#client.kv.range(request), isUnavailable);
  }

  /** Performs the operation when the key's last change was at `expected`; else reads the key. */
  compareAndSwap(key: Buffer, expected: number, operation: etcd3.IRequestOp): Promise<etcd3.ITxnResponse> {
    const request: etcd3.ITxnRequest = {
      compare: [{ target: this.#modTarget, key, mod_revision: expected }],
      success: [operation],
      failure: [{ request_range: { key } }],
    };
    return this.#retry(() => this.#client.kv.txn(request), hasNotLeft);
  }

  async compact(revision: number): Promise<void> {
    await this.#retry(() => this.#client.kv.compact({ revision }), isUnavailable);
  }

  async grantLease(ttlSeconds: number): Promise<string> {
    const granted = await this.#retry(
      () => this.#client.leaseClient.leaseGrant({ TTL: ttlSeconds, ID: 0 }),
      hasNotLeft,
    );
    return granted.ID;
  }

  /** Members that have raised an alarm for want of space. */
  async isFull(): Promise<boolean> {
    const { alarms } = await this.#retry(() => this.#client.maintenance.alarm({}), isUnavailable);
    return alarms.some((alarm) => String(alarm.alarm).toUpperCase() === "NOSPACE");
  }

  async openWatch(): Promise<WatchStream> {
    const stream: unknown = await this.#client.watchClient.watch({ interceptors: [requireLeader] });
    // The declaration lists a few events only; it is grpc-js's duplex stream.
    return stream as WatchStream;
  }

  close(): void {
    this.#client.close();
  }

  async #retry<T>(call: () => Promise<T>, mayRepeat: (error: unknown) => boolean): Promise<T> {
    for (const delayMs of retryDelaysMs) {
      try {
        return await call();
      } catch (error) {
        if (!mayRepeat(error)) throw this.mapError(error);
        await this.#clock.sleep(delayMs);
      }
    }
    return call().catch((error: unknown) => {
      throw this.mapError(error);
    });
  }

  mapError(error: unknown): unknown {
    const message = messageOf(error);
    if (message.includes("database space exceeded"))
      return new StoreFullError(`etcd at ${this.name} is full: ${message}`);
    if (message.includes("request is too large") || message.includes("message larger than max"))
      return new ValueTooLargeError(message);
    if (message.startsWith("etcdserver: mvcc:") || message.includes(leaseMissing)) return error;
    return new StoreUnavailableError(`etcd at ${this.name}: ${message}`, { cause: error });
  }
}

export interface WatchStream extends Duplex {
  cancel(): void;
  write(request: { readonly create_request: etcd3.IWatchCreateRequest }): boolean;
}

type Interceptor = NonNullable<NonNullable<Parameters<etcd3.WatchClient["watch"]>[0]>["interceptors"]>[number];

/**
 * A member that has lost its leader ends such a stream; else it would keep it, and tell nothing.
 */
const requireLeader: Interceptor = (options, nextCall) => {
  const call = nextCall(options);
  const start = call.start.bind(call);
  call.start = (metadata, listener) => {
    metadata.set("hasleader", "true");
    start(metadata, listener);
  };
  // The declaration asks for one class of it; any that has its methods is taken.
  return call as ReturnType<Interceptor>;
};

export const leaseMissing = "requested lease not found";
/** Nothing in the answer says that etcd refused: it was not reached, or not in time, or has no leader. */
const isUnavailable = (error: unknown): boolean =>
  /UNAVAILABLE|ECONN|EPIPE|No connection established|no leader|leader changed|timed out/i.test(
    `${error instanceof Error ? error.name : ""} ${messageOf(error)}`,
  );
/** The connection was never made, so that the request did not happen. */
const hasNotLeft = (error: unknown): boolean => /No connection established|ECONNREFUSED/.test(messageOf(error));

const credentialsOf = ({
  ca,
  cert,
  key,
}: EtcdTls): { rootCertificate: Buffer; privateKey?: Buffer; certChain?: Buffer } => ({
  rootCertificate: ca ? Buffer.from(ca) : Buffer.alloc(0),
  ...(key && cert ? { privateKey: Buffer.from(key), certChain: Buffer.from(cert) } : {}),
});
