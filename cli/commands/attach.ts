import { type Call, defineCommand } from "../command.js";
import { CliError, ExitError } from "../errors.js";
import { bool, duration, text } from "../flags.js";
import { defaultContainer, onePodOf, specOf } from "../resources/pods.js";

const flags = {
  container: text("Container.", { short: "c" }),
  stdin: bool("Pass standard input on.", { short: "i" }),
  tty: bool("Standard input is a terminal.", { short: "t" }),
  quiet: bool("Only print what comes from the container.", { short: "q" }),
  "pod-running-timeout": duration("Accepted; a pod is not waited for."),
};

export const attach = defineCommand({
  name: "attach",
  usage: "(POD | TYPE/NAME) [-c CONTAINER]",
  summary: "Join the main process of a container.",
  examples: ["navctl attach web-0", "navctl attach -it shell -c main"],
  flags,
  async run({ session, args, flags: given, usageError }: Call<typeof flags>) {
    const target = args.length === 2 ? args.join("/") : args[0];
    if (target === undefined) throw new CliError("at least 1 argument is required for attach");
    if (args.length > 2)
      throw usageError(
        `expected POD, TYPE/NAME, or TYPE NAME, (at most 2 arguments) saw ${args.length}: [${args.join(" ")}]`,
      );
    const pod = await onePodOf(session, target, "attach to");
    const { phase } = (pod.status ?? {}) as { readonly phase?: string };
    if (phase === "Succeeded" || phase === "Failed")
      throw new CliError(`cannot attach a container in a completed pod; current phase is ${phase}`);
    const name = given.container ?? defaultContainer(session, pod, given.quiet);
    const { containers, initContainers = [], ephemeralContainers = [] } = specOf(pod);
    const container = [...containers, ...initContainers, ...ephemeralContainers].find((one) => one.name === name);
    if (!container)
      throw new CliError(`cannot attach to the container: container ${name} not found in pod ${pod.metadata.name}`);
    const { terminalWanted } = await import("../remote/terminal.js");
    let tty = terminalWanted(session, given.stdin, given.tty, given.quiet);
    if (tty && container.tty !== true) {
      tty = false;
      if (!given.quiet) session.note(`error: Unable to use a TTY - container ${name} did not allocate one`);
    }
    if (given.stdin && tty && !given.quiet) session.note("If you don't see a command prompt, try pressing enter.");
    const { attachTo } = await import("../remote/attach.js");
    const code = await attachTo(session, pod, { container: name, stdin: given.stdin, tty });
    if (code !== 0) throw new ExitError(code);
    return 0;
  },
});
