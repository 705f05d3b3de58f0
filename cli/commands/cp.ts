import { createReadStream, lstatSync, readdirSync, readlinkSync, statSync } from "node:fs";
import { basename, join, posix, resolve } from "node:path";
import { PassThrough } from "node:stream";
import { pods } from "../../api/core/pod/pod.js";
import { objectPath } from "../../client/rest.js";
import { encodeQuery } from "../api.js";
import { type Call, defineCommand } from "../command.js";
import { CliError } from "../errors.js";
import { bool, int, text } from "../flags.js";
import { defaultContainer } from "../resources/pods.js";
import type { Session } from "../session.js";
import { tarEnd, tarHeader, tarPadding } from "./cp/tar.js";

const flags = {
  container: text("Container.", { short: "c" }),
  "no-preserve": bool("Files in the container belong to whom its tar runs as."),
  retries: int("Accepted; what breaks off is to be started again."),
};

/** Copies files and folders to and from a container, which needs a `tar`. */
export const cp = defineCommand({
  name: "cp",
  usage: "<file-spec-src> <file-spec-dest>",
  summary: "Copy files to and from containers.",
  examples: ["navctl cp notes.txt web-0:/tmp/notes.txt", "navctl cp demo/web-0:/var/log ./log -c main"],
  flags,
  async run({ session, args, flags: given }: Call<typeof flags>) {
    const [from, to] = args;
    if (from === undefined || to === undefined || args.length > 2)
      throw new CliError("source and destination are required");
    const source = fileSpec(from);
    const destination = fileSpec(to);
    if (source.pod && destination.pod) throw new CliError("one of src or dest must be a local file specification");
    if (!source.pod && !destination.pod) throw new CliError("one of src or dest must be a remote file specification");
    if (source.path === "" || destination.path === "") throw new CliError("filepath can not be empty");
    if (source.pod) await copyOut(session, source, destination.path, given.container);
    else await copyIn(session, source.path, destination, given);
    return 0;
  },
});

interface FileSpec {
  readonly namespace?: string;
  readonly pod?: string;
  readonly path: string;
}

/** `path`, `pod:path`, `namespace/pod:path`. */
export function fileSpec(written: string): FileSpec {
  const colon = written.indexOf(":");
  if (colon === 0) throw new CliError("filespec must match the canonical format: [[namespace/]pod:]file/path");
  if (colon < 0 || /^[./]/.test(written)) return { path: written };
  const place = written.slice(0, colon).split("/");
  const path = written.slice(colon + 1);
  if (place.length > 2 || place.some((part) => part === ""))
    throw new CliError("filespec must match the canonical format: [[namespace/]pod:]file/path");
  const [first = "", second] = place;
  return second === undefined ? { pod: first, path } : { namespace: first, pod: second, path };
}

async function commandPath(
  session: Session,
  spec: FileSpec,
  container: string | undefined,
  command: readonly string[],
  { stdin = false, quiet = false }: { readonly stdin?: boolean; readonly quiet?: boolean } = {},
): Promise<string> {
  const namespace = spec.namespace ?? (await session.namespace());
  const pod = await (await session.api()).get(pods, spec.pod ?? "", namespace);
  const { phase } = (pod.status ?? {}) as { readonly phase?: string };
  if (phase === "Succeeded" || phase === "Failed")
    throw new CliError(`cannot exec into a container in a completed pod; current phase is ${phase}`);
  const query = encodeQuery({
    container: container ?? defaultContainer(session, pod, quiet),
    command,
    stdin: stdin || undefined,
    stdout: true,
    stderr: true,
  });
  return `${objectPath(pods, { name: pod.metadata.name ?? "", namespace }, "exec")}?${query}`;
}

async function copyOut(
  session: Session,
  source: FileSpec,
  written: string,
  container: string | undefined,
): Promise<void> {
  const path = posix.normalize(source.path);
  const below = path.replace(/^\/+/, "").replace(/\/+$/, "") || ".";
  const local = resolve(session.io.cwd, written);
  const found = statSync(local, { throwIfNoEntry: false });
  // Into a folder under its own name; else it gets the name that was written.
  const destination = found?.isDirectory()
    ? join(local, posix.basename(below) === "." ? "" : posix.basename(below))
    : local;
  const [{ openRemote }, { extractTar }] = await Promise.all([
    import("../remote/command.js"),
    import("./cp/extract.js"),
  ]);
  const archive = new PassThrough();
  const extracted = extractTar(archive, { prefix: stripped(below), destination, warn: (note) => session.note(note) });
  extracted.catch((error: unknown) => archive.destroy(error instanceof Error ? error : undefined));
  archive.on("error", () => undefined);
  const remote = await commandPath(session, source, container, ["tar", "cf", "-", source.path]);
  const code = await openRemote(session, remote, {
    stdin: false,
    tty: false,
    onOutput: (chunk) => (archive.write(chunk) || archive.destroyed ? undefined : roomIn(archive)),
  });
  archive.end();
  await extracted;
  if (code !== 0) throw remoteFailure(code);
}

/** The program in the container told why. */
const remoteFailure = (code: number): CliError =>
  new CliError(`command terminated with exit code ${code}`, { bare: true, exitCode: code });

const roomIn = (archive: PassThrough): Promise<void> =>
  new Promise((done) => {
    archive.once("drain", done).once("close", done);
  });

/** As tar names what it was asked for: without what climbs. */
const stripped = (path: string): string => path.replace(/^(?:\.\.\/)+/, "");

async function copyIn(
  session: Session,
  written: string,
  destination: FileSpec,
  given: Call<typeof flags>["flags"],
): Promise<void> {
  const local = resolve(session.io.cwd, written);
  if (!lstatSync(local, { throwIfNoEntry: false })) throw new CliError(`${written} doesn't exist in local filesystem`);
  const { openRemote } = await import("../remote/command.js");
  const quiet = { stdin: false, tty: false, onOutput: () => undefined };
  const target = posix.normalize(destination.path.replace(/(.)\/+$/, "$1"));
  const test = await commandPath(session, destination, given.container, ["test", "-d", target]);
  const isFolder = (await openRemote(session, test, quiet)) === 0;
  const full = isFolder ? posix.join(target, basename(local)) : target;
  const owner = given["no-preserve"] ? ["--no-same-permissions", "--no-same-owner"] : [];
  const command = ["tar", ...owner, "-xmf", "-", "-C", posix.dirname(full)];
  const remote = await commandPath(session, destination, given.container, command, { stdin: true, quiet: true });
  const code = await openRemote(session, remote, {
    stdin: true,
    tty: false,
    input: archiveOf(session, local, posix.basename(full)),
  });
  if (code !== 0) throw remoteFailure(code);
}

async function* archiveOf(session: Session, path: string, name: string): AsyncIterable<Uint8Array> {
  yield* entriesOf(session, path, name);
  yield tarEnd();
}

async function* entriesOf(session: Session, path: string, name: string): AsyncIterable<Uint8Array> {
  const found = lstatSync(path);
  const mode = found.mode & 0o777;
  if (found.isDirectory()) {
    yield tarHeader({ name, type: "directory", mode, size: 0, linkName: "" });
    for (const below of readdirSync(path).sort()) yield* entriesOf(session, join(path, below), `${name}/${below}`);
  } else if (found.isSymbolicLink()) {
    yield tarHeader({ name, type: "link", mode: 0o777, size: 0, linkName: readlinkSync(path) });
  } else if (found.isFile()) {
    yield tarHeader({ name, type: "file", mode, size: found.size, linkName: "" });
    let sent = 0;
    // As large as the header says, whatever happens to the file meanwhile.
    if (found.size > 0)
      for await (const chunk of createReadStream(path, { end: found.size - 1 })) {
        sent += (chunk as Buffer).length;
        yield chunk as Buffer;
      }
    if (sent < found.size) throw new CliError(`${path} became shorter while it was read`);
    yield tarPadding(found.size);
  } else session.note(`warning: skipping special file: ${JSON.stringify(path)}`);
}
