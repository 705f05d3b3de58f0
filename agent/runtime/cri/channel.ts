import type { ChannelOptions, Client, Metadata, ServiceError } from "@grpc/grpc-js";
import type { Message } from "./wire.js";

/** How a call failed, as gRPC tells it apart. */
export type CallFailure = "unreachable" | "timeout" | "not-found" | "unimplemented" | "already-exists" | "other";

export class CallError extends Error {
  override readonly name = "CallError";
  readonly failure: CallFailure;

  constructor(failure: CallFailure, message: string) {
    super(message);
    this.failure = failure;
  }
}

export interface CallOptions {
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
}

/** A gRPC connection to a Unix socket, made when it is first used and made again whenever it broke. */
export class Channel {
  readonly socket: string;
  #opening: Promise<Opened> | undefined;
  #closed = false;

  constructor(socket: string) {
    this.socket = socket;
  }

  /** Waits for the connection a while, so that a runtime that is being restarted is not noticed. */
  async call<Request, Response>(
    method: string,
    request: Message<unknown, Request>,
    response: Message<Response, never>,
    value: Request,
    { timeoutMs = callTimeoutMs, signal }: CallOptions = {},
  ): Promise<Response> {
    const { client, metadata } = await this.#connected(Math.min(timeoutMs, connectTimeoutMs));
    // Who gave up before anything was asked learns nothing of what he asked for.
    if (signal?.aborted) throw new CallError("unreachable", `nothing answered at ${this.socket} in time`);
    return new Promise((resolve, reject) => {
      const call = client.makeUnaryRequest(
        method,
        (given: Request) => Buffer.from(request.encode(given)),
        (bytes) => response.decode(bytes),
        value,
        metadata,
        { deadline: Date.now() + Math.min(timeoutMs, longestMs) },
        (error, answer) => {
          signal?.removeEventListener("abort", cancel);
          if (error) reject(failureOf(error, this.socket));
          else if (answer === undefined) reject(new CallError("other", `${method} answered nothing`));
          else resolve(answer);
        },
      );
      const cancel = (): void => call.cancel();
      signal?.addEventListener("abort", cancel, { once: true });
    });
  }

  /** What the server sends until it breaks off (throws CallError) or the signal aborts (returns). */
  async stream<Request, Response>(
    method: string,
    request: Message<unknown, Request>,
    response: Message<Response, never>,
    value: Request,
    { signal, opened, next }: StreamOptions<Response>,
  ): Promise<void> {
    const { client, metadata } = await this.#connected(connectTimeoutMs);
    if (signal.aborted) return;
    await new Promise<void>((resolve, reject) => {
      const call = client.makeServerStreamRequest(
        method,
        (given: Request) => Buffer.from(request.encode(given)),
        (bytes) => response.decode(bytes),
        value,
        metadata,
      );
      const cancel = (): void => call.cancel();
      signal.addEventListener("abort", cancel, { once: true });
      const done = (error?: ServiceError): void => {
        signal.removeEventListener("abort", cancel);
        if (error && !signal.aborted) reject(failureOf(error, this.socket));
        else resolve();
      };
      call.on("metadata", () => opened());
      call.on("data", (answer: Response) => next(answer));
      call.on("error", (error: ServiceError) => done(error));
      call.on("end", () => done());
    });
  }

  /** Throws CallError soon where nothing answers. */
  async ready(): Promise<void> {
    await this.#connected(readyTimeoutMs);
  }

  close(): void {
    this.#closed = true;
    void this.#opening?.then(({ client }) => client.close());
  }

  async #connected(timeoutMs: number): Promise<Opened> {
    if (this.#closed) throw new CallError("unreachable", "the connection to the container runtime is closed");
    this.#opening ??= open(this.socket);
    const opened = await this.#opening;
    await new Promise<void>((resolve, reject) =>
      opened.client.waitForReady(Date.now() + timeoutMs, (error) =>
        error ? reject(new CallError("unreachable", `nothing answers at ${this.socket}`)) : resolve(),
      ),
    );
    return opened;
  }
}

interface StreamOptions<Response> {
  readonly signal: AbortSignal;
  /** The server has taken the request. */
  opened(): void;
  next(answer: Response): void;
}

interface Opened {
  readonly client: Client;
  readonly metadata: Metadata;
}

/** The package costs 60 ms to load: only where there is a runtime to speak to. */
async function open(socket: string): Promise<Opened> {
  const grpc = await import("@grpc/grpc-js");
  const client = new grpc.Client(`unix:${socket}`, grpc.credentials.createInsecure(), channelOptions);
  const metadata = new grpc.Metadata();
  metadata.set("containerd-namespace", "k8s.io");
  return { client, metadata };
}

const channelOptions: ChannelOptions = {
  "grpc.max_receive_message_length": 16 * 1024 * 1024,
  "grpc.initial_reconnect_backoff_ms": 50,
  "grpc.min_reconnect_backoff_ms": 50,
  "grpc.max_reconnect_backoff_ms": 500,
  "grpc.default_authority": "localhost",
  "grpc.enable_http_proxy": 0,
};

function failureOf({ code, details, message }: ServiceError, socket: string): CallError {
  const failure = failures[code] ?? "other";
  const text = details === "" ? message : details;
  return new CallError(failure, failure === "unreachable" ? `${socket}: ${text}` : text);
}

const failures: Readonly<Record<number, CallFailure>> = {
  4: "timeout",
  5: "not-found",
  6: "already-exists",
  12: "unimplemented",
  14: "unreachable",
};

export const isNotFound = (error: unknown): boolean => error instanceof CallError && error.failure === "not-found";
export const isUnreachable = (error: unknown): boolean =>
  error instanceof CallError && (error.failure === "unreachable" || error.failure === "timeout");

const callTimeoutMs = 120_000;
const connectTimeoutMs = 10_000;
/** More than a connection takes that is only made anew. */
const readyTimeoutMs = 500;
/** A timer takes no longer delay than 2^31 ms. */
const longestMs = 24 * 3600 * 1000;
