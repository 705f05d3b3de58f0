import { type Clock, systemClock } from "../base/clock.js";
import type { Api } from "./api.js";
import type { Connection } from "./config/connection.js";
import type { LoadedConfig } from "./config/kubeconfig.js";
import type { Discovery } from "./discovery/discovery.js";
import { CliError } from "./errors.js";
import type { GlobalFlags } from "./global-flags.js";
import type { Io } from "./io.js";

/** What one call of a command shares: where it writes, which cluster it speaks to. Everything is made on first use. */
export class Session {
  readonly io: Io;
  readonly globals: GlobalFlags;
  readonly clock: Clock;
  readonly #closers: (() => void)[] = [];
  readonly #warned = new Set<string>();
  #config: Promise<LoadedConfig> | undefined;
  #connection: Promise<Connection> | undefined;
  #api: Promise<Api> | undefined;
  #discovery: Promise<Discovery> | undefined;
  #server = "localhost:8080";
  #configured = true;

  constructor(io: Io, globals: GlobalFlags) {
    this.io = io;
    this.globals = globals;
    this.clock = io.clock ?? systemClock;
  }

  /** A line on standard output. */
  print(line: string): void {
    this.io.stdout.write(`${line}\n`);
  }

  /** A line on standard error. */
  note(line: string): void {
    this.io.stderr.write(`${line}\n`);
  }

  /** The server, for messages about it. */
  get server(): string {
    return this.#server;
  }

  /** A kubeconfig or a flag said which server it is. */
  get configured(): boolean {
    return this.#configured;
  }

  get warned(): boolean {
    return this.#warned.size > 0;
  }

  config(): Promise<LoadedConfig> {
    this.#config ??= import("./config/kubeconfig.js").then(({ loadKubeconfig }) =>
      loadKubeconfig({ flag: this.globals.kubeconfig, env: this.io.env, cwd: this.io.cwd }),
    );
    return this.#config;
  }

  connection(): Promise<Connection> {
    this.#connection ??= (async () => {
      const [{ config, files, missing }, { connectionOf }] = await Promise.all([
        this.config(),
        import("./config/connection.js"),
      ]);
      if (missing !== undefined) throw new CliError(`stat ${missing}: no such file or directory`);
      const connection = connectionOf(config, this.globals, this.io.cwd);
      this.#configured = this.globals.server !== undefined || files.some(({ exists }) => exists);
      this.#server = connection.server;
      return connection;
    })();
    return this.#connection;
  }

  api(): Promise<Api> {
    this.#api ??= this.#connect();
    return this.#api;
  }

  discovery(): Promise<Discovery> {
    this.#discovery ??= (async () => {
      const [api, connection, { Discovery }] = await Promise.all([
        this.api(),
        this.connection(),
        import("./discovery/discovery.js"),
      ]);
      const { cacheFile } = await import("./discovery/cache.js");
      const file = cacheFile(this.io.env, this.globals["cache-dir"], connection.server, connection.tls.ca);
      return new Discovery(api, file, this.clock);
    })();
    return this.#discovery;
  }

  /** --namespace, else the context's, else `default`. */
  async namespace(): Promise<string> {
    if (this.globals.namespace) return this.globals.namespace;
    return (await this.connection()).namespace ?? "default";
  }

  /** A namespace was named on the command line: objects must agree with it. */
  get namespaceEnforced(): boolean {
    return this.globals.namespace !== undefined && this.globals.namespace !== "";
  }

  /** Before something is destroyed: says which cluster that will be, where its kubeconfig was merely found. */
  async announceCluster(): Promise<void> {
    const { local, files } = await this.config();
    if (local) this.note(`cluster: ${(await this.connection()).server} (kubeconfig ${files[0]?.path})`);
  }

  close(): void {
    for (const close of this.#closers) close();
  }

  async #connect(): Promise<Api> {
    const [connection, { createHttpsTransport }, { createClient }, { Api }] = await Promise.all([
      this.connection(),
      import("../client/https-transport.js"),
      import("../client/rest.js"),
      import("./api.js"),
    ]);
    const { token, impersonation } = connection;
    const transport = createHttpsTransport({
      server: connection.server,
      tls: connection.tls,
      userAgent: "navctl",
      clock: this.clock,
      token: () => token,
    });
    this.#closers.push(() => transport.close());
    return new Api(createClient(transport), {
      headers: impersonation,
      timeoutMs: this.globals["request-timeout"] || undefined,
      signal: this.io.signal,
      onWarning: (text) => this.#warn(text),
    });
  }

  #warn(text: string): void {
    if (this.#warned.has(text)) return;
    this.#warned.add(text);
    this.note(`Warning: ${text}`);
  }
}
