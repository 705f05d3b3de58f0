import { pods } from "../../api/core/pod/pod.js";
import { objectPath } from "../../client/rest.js";
import { encodeQuery } from "../api.js";
import { type Call, defineCommand } from "../command.js";
import { CliError, ExitError } from "../errors.js";
import { bool, duration, list, text } from "../flags.js";
import { defaultContainer, onePodOf } from "../resources/pods.js";

const flags = {
  container: text("Container.", { short: "c" }),
  filename: list("File that names the object.", { short: "f", hidden: true }),
  "pod-running-timeout": duration("Accepted; a pod is not waited for."),
  quiet: bool("Print nothing of our own.", { short: "q" }),
  stdin: bool("Pass standard input on.", { short: "i" }),
  tty: bool("Give the command a terminal.", { short: "t" }),
};

export const exec = defineCommand({
  name: "exec",
  usage: "(POD | TYPE/NAME) [-c CONTAINER] -- COMMAND [args...]",
  summary: "Run a command in a container; its exit code becomes ours.",
  examples: ["navctl exec web-0 -- date", "cat data | navctl exec -i web-0 -- sh -c 'cat > /tmp/data'"],
  flags,
  run,
});

async function run({
  session,
  args,
  dashAt,
  flags: given,
  usageError,
}: Call<typeof flags>): Promise<number | undefined> {
  if (given.filename.length > 0) throw new CliError("-f is not supported by navctl exec: name the pod");
  const [target] = args;
  if (target === undefined || dashAt === 0) throw new CliError("pod, type/name or --filename must be specified");
  if (dashAt === undefined && args.length > 1) {
    throw usageError("exec [POD] [COMMAND] is not supported anymore. Use exec [POD] -- [COMMAND] instead");
  }
  const command = args.slice(dashAt ?? 1);
  if (command.length === 0) throw new CliError("you must specify at least one command for the container");
  if (dashAt !== undefined && dashAt > 1)
    throw usageError(`unexpected arguments before --: [${args.slice(1, dashAt).join(" ")}]`);
  const pod = await onePodOf(session, target, "attach to");
  const { phase } = (pod.status ?? {}) as { readonly phase?: string };
  if (phase === "Succeeded" || phase === "Failed") {
    throw new CliError(`cannot exec into a container in a completed pod; current phase is ${phase}`);
  }
  const { name = "", namespace = "default" } = pod.metadata;
  const container = given.container ?? defaultContainer(session, pod, given.quiet);
  const [{ openRemote }, { terminalWanted }] = await Promise.all([
    import("../remote/command.js"),
    import("../remote/terminal.js"),
  ]);
  const tty = terminalWanted(session, given.stdin, given.tty, given.quiet);
  const query = encodeQuery({
    container,
    command,
    stdin: given.stdin || undefined,
    stdout: true,
    stderr: tty ? undefined : true,
    tty: tty || undefined,
  });
  const path = `${objectPath(pods, { name, namespace }, "exec")}?${query}`;
  const code = await openRemote(session, path, { stdin: given.stdin, tty });
  if (code === 0) return 0;
  if (!given.quiet) session.note(`command terminated with exit code ${code}`);
  throw new ExitError(code);
}
