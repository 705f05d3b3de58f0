import { type Command, defineCommand } from "../../command.js";
import { dropEntry, entriesOf, fileFor, hasEntry, rewrite } from "../../config/edit.js";
import { CliError } from "../../errors.js";

export const useContext = defineCommand({
  name: "use-context",
  aliases: ["use"],
  usage: "CONTEXT_NAME",
  summary: "Make a context the current one.",
  flags: {},
  async run({ session, args, usageError }) {
    const [name] = args;
    if (name === undefined || args.length > 1) throw usageError(`Unexpected args: [${args.join(" ")}]`);
    const { config } = await session.config();
    if (!hasEntry(config, "contexts", name))
      throw new CliError(`no context exists with the name: ${JSON.stringify(name)}`);
    const file = await fileFor(session, (one) => Boolean(one["current-context"]));
    await rewrite(file, (changed) => {
      changed["current-context"] = name;
    });
    session.print(`Switched to context ${JSON.stringify(name)}.`);
    return 0;
  },
});

export const renameContext = defineCommand({
  name: "rename-context",
  usage: "CONTEXT_NAME NEW_NAME",
  summary: "Give a context another name.",
  flags: {},
  async run({ session, args, usageError }) {
    const [from, to] = args;
    if (from === undefined || to === undefined || args.length > 2)
      throw usageError(`Unexpected args: [${args.join(" ")}]`);
    const { config } = await session.config();
    if (!hasEntry(config, "contexts", from)) {
      throw new CliError(
        `cannot rename the context ${JSON.stringify(from)}, it's not in ${(await session.config()).files.map(({ path }) => path).join(":")}`,
      );
    }
    if (hasEntry(config, "contexts", to)) {
      throw new CliError(
        `cannot rename the context ${JSON.stringify(from)}, the context ${JSON.stringify(to)} already exists in ${(await session.config()).files.map(({ path }) => path).join(":")}`,
      );
    }
    await rewrite(await fileFor(session, (one) => hasEntry(one, "contexts", from)), (changed) => {
      for (const entry of entriesOf(changed, "contexts")) if (entry.name === from) entry.name = to;
      if (changed["current-context"] === from) changed["current-context"] = to;
    });
    session.print(`Context ${JSON.stringify(from)} renamed to ${JSON.stringify(to)}.`);
    return 0;
  },
});

const deleter = (kind: string, section: "clusters" | "contexts" | "users"): Command =>
  defineCommand({
    name: `delete-${kind}`,
    usage: "NAME",
    summary: `Remove a ${kind} from the kubeconfig.`,
    flags: {},
    async run({ session, args, usageError }) {
      const [name] = args;
      if (name === undefined || args.length > 1) throw usageError(`Unexpected args: [${args.join(" ")}]`);
      const file = await fileFor(session, (one) => hasEntry(one, section, name));
      if (!hasEntry(file.config, section, name))
        throw new CliError(`cannot delete ${kind} ${name}, not in ${file.path}`);
      if (section === "contexts" && (await session.config()).config["current-context"] === name) {
        session.note(
          'warning: this removed your active context, use "navctl config use-context" to select a different one',
        );
      }
      await rewrite(file, (changed) => dropEntry(changed, section, name));
      session.print(`deleted ${kind} ${name} from ${file.path}`);
      return 0;
    },
  });

export const deleteCluster = deleter("cluster", "clusters");
export const deleteContext = deleter("context", "contexts");
export const deleteUser = deleter("user", "users");
