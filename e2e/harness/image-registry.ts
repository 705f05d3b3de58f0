import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { request as httpRequest } from "node:http";
import { request as httpsRequest } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { systemClock } from "../../base/clock.js";
import { ensurePki } from "../../base/tls.js";
import { findTool } from "./needs.js";
import type { OciImage } from "./oci-image.js";

export interface Registry {
  /** `127.0.0.1:PORT`, as image names begin. */
  readonly host: string;
  readonly url: string;
  /** A file with the authority that signed its certificate, where it speaks TLS. */
  readonly caFile: string | undefined;
  /** Puts the image there, by the registry's own API; answers its full name. */
  push(repository: string, tag: string, image: OciImage): Promise<string>;
  /** `METHOD /path STATUS` of each request so far. */
  requests(): readonly string[];
  /** Ends the process and removes its data. */
  stop(): Promise<void>;
}

export interface RegistryOptions {
  /** Lets in `puller` and `other` only, by the passwords below. */
  readonly auth?: boolean;
  readonly tls?: boolean;
}

/** The registry takes bcrypt only, which neither Node.js nor busybox can make. */
export const registryUsers = { puller: "puller-password", other: "other-password" } as const;
const htpasswd = `puller:$2y$05$navarchnavarchnavarcheVyL2FmViBvYoTNX1A1yTOxxE8Q7997u
other:$2y$05$navarchnavarchnavarcheTdpMHtnRV4rTrV5dp2FX0a3Y6iTwvvq
`;

export const registryTool = "docker-registry";
const readyTimeoutMs = 60_000;

/** Debian's docker-registry on a free port of the loopback, with data of its own. */
export async function startRegistry({ auth = false, tls = false }: RegistryOptions = {}): Promise<Registry> {
  const program = findTool(registryTool);
  if (program === undefined) throw new Error("no docker-registry here: install docker-registry");
  const dir = mkdtempSync(join(tmpdir(), "navarch-registry-"));
  const pki = tls ? await ensurePki(join(dir, "pki"), { clock: systemClock, addresses: ["127.0.0.1"] }) : undefined;
  writeFileSync(join(dir, "htpasswd"), htpasswd, { mode: 0o600 });
  writeFileSync(
    join(dir, "config.yml"),
    // JSON is YAML.
    JSON.stringify({
      version: 0.1,
      log: { level: "info", accesslog: { disabled: false } },
      storage: { filesystem: { rootdirectory: join(dir, "data") }, delete: { enabled: true } },
      http: {
        addr: "127.0.0.1:0",
        ...(pki ? { tls: { certificate: join(pki.dir, "server.crt"), key: join(pki.dir, "server.key") } } : {}),
      },
      ...(auth ? { auth: { htpasswd: { realm: "navarch-tests", path: join(dir, "htpasswd") } } } : {}),
    }),
  );
  const running = new RegistryProcess(
    spawn(program, ["serve", join(dir, "config.yml")], { stdio: ["ignore", "pipe", "pipe"] }),
  );
  const stop = async (): Promise<void> => {
    await running.end();
    rmSync(dir, { recursive: true, force: true });
  };
  try {
    const host = `127.0.0.1:${await running.port()}`;
    const url = `${tls ? "https" : "http"}://${host}`;
    const access: Access = { url, ca: pki?.caCertificate, user: auth ? "puller" : undefined };
    return {
      host,
      url,
      caFile: pki ? join(pki.dir, "ca.crt") : undefined,
      push: async (repository, tag, image) => {
        await push(access, repository, tag, image);
        return `${host}/${repository}:${tag}`;
      },
      requests: () => running.requests(),
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

class RegistryProcess {
  readonly #child: ChildProcess;
  readonly #ended: Promise<void>;
  #output = "";
  readonly #endWithUs = (): void => void this.#child.kill("SIGKILL");

  constructor(child: ChildProcess) {
    this.#child = child;
    this.#ended = new Promise((resolve) => {
      child.once("close", () => resolve());
      child.once("error", () => resolve());
    });
    process.once("exit", this.#endWithUs);
    for (const stream of [child.stdout, child.stderr])
      stream?.on("data", (chunk: Buffer) => {
        this.#output += chunk.toString();
      });
  }

  /** The one that it was given, once it listens. */
  async port(): Promise<number> {
    let ended = false;
    void this.#ended.then(() => {
      ended = true;
    });
    for (const deadline = Date.now() + readyTimeoutMs; Date.now() < deadline && !ended; ) {
      const port = /listening on 127\.0\.0\.1:(\d+)/.exec(this.#output)?.[1];
      if (port !== undefined) return Number(port);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    throw new Error(`docker-registry did not start: ${this.#output.slice(-2_000)}`);
  }

  requests(): readonly string[] {
    return [...this.#output.matchAll(/"([A-Z]+) (\/v2\/[^" ]*) HTTP\/[\d.]+" (\d+)/g)].map(
      ([, method, path, status]) => `${method} ${path} ${status}`,
    );
  }

  async end(): Promise<void> {
    this.#child.kill("SIGKILL");
    await this.#ended;
    process.removeListener("exit", this.#endWithUs);
  }
}

interface Access {
  readonly url: string;
  readonly ca: string | undefined;
  readonly user: keyof typeof registryUsers | undefined;
}

async function push(access: Access, repository: string, tag: string, image: OciImage): Promise<void> {
  for (const { digest, bytes } of [image.config, ...image.layers]) {
    if ((await send(access, "HEAD", `/v2/${repository}/blobs/${digest}`)).status === 200) continue;
    const { location } = await expectStatus(202, send(access, "POST", `/v2/${repository}/blobs/uploads/`));
    const upload = new URL(location, access.url);
    upload.searchParams.set("digest", digest);
    await expectStatus(
      201,
      send(access, "PUT", `${upload.pathname}${upload.search}`, { mediaType: "application/octet-stream", bytes }),
    );
  }
  await expectStatus(201, send(access, "PUT", `/v2/${repository}/manifests/${tag}`, image.manifest));
}

interface Answer {
  readonly status: number;
  readonly location: string;
  readonly text: string;
}

function send(
  { url, ca, user }: Access,
  method: string,
  path: string,
  body?: { readonly mediaType: string; readonly bytes: Buffer },
): Promise<Answer> {
  const target = new URL(path, url);
  return new Promise((resolve, reject) => {
    const request = (target.protocol === "https:" ? httpsRequest : httpRequest)(
      target,
      {
        method,
        agent: false,
        ...(ca === undefined ? {} : { ca }),
        ...(user === undefined ? {} : { auth: `${user}:${registryUsers[user]}` }),
        headers: body ? { "content-type": body.mediaType, "content-length": body.bytes.length } : {},
      },
      (response) => {
        const chunks: Buffer[] = [];
        response.on("data", (chunk: Buffer) => chunks.push(chunk));
        response.on("error", reject);
        response.on("end", () =>
          resolve({
            status: response.statusCode ?? 0,
            location: response.headers.location ?? "",
            text: Buffer.concat(chunks).toString("utf8"),
          }),
        );
      },
    );
    request.on("error", reject);
    request.end(body?.bytes);
  });
}

async function expectStatus(wanted: number, answer: Promise<Answer>): Promise<Answer> {
  const got = await answer;
  if (got.status !== wanted) throw new Error(`the registry answered ${got.status} instead of ${wanted}: ${got.text}`);
  return got;
}
