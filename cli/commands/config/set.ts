import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { type Call, defineCommand } from "../../command.js";
import { entryOf } from "../../config/connection.js";
import { dropEntry, fileFor, hasEntry, putEntry, rewrite } from "../../config/edit.js";
import type { Kubeconfig } from "../../config/kubeconfig.js";
import { CliError } from "../../errors.js";
import { bool } from "../../flags.js";
import { systemText } from "../../system-text.js";
import { credentialFlags, credentialsOf } from "./credentials.js";

const oneName = ({ args, usageError }: Call): string => {
  const [name] = args;
  if (name === undefined || args.length > 1) throw usageError(`Unexpected args: [${args.join(" ")}]`);
  return name;
};

export const setContext = defineCommand({
  name: "set-context",
  usage: "[NAME | --current] [--cluster=name] [--user=name] [--namespace=name]",
  summary: "Add a context or change one.",
  flags: { current: bool("Change the current context.") },
  async run(call) {
    const { session, args, flags } = call;
    const { config } = await session.config();
    if (flags.current && args.length > 0) throw new CliError("you cannot specify both a context name and --current");
    if (!flags.current && args.length === 0)
      throw new CliError("you must specify a non-empty context name or --current");
    const name = flags.current ? config["current-context"] : oneName(call);
    if (!name) throw new CliError("no current context is set");
    const { cluster, user, namespace } = session.globals;
    const file = await fileFor(session, (one) => hasEntry(one, "contexts", name));
    let existed = false;
    await rewrite(file, (changed) => {
      existed = putEntry(changed, "contexts", "context", name, { cluster, user, namespace });
    });
    session.print(`Context ${JSON.stringify(name)} ${existed ? "modified" : "created"}.`);
    return 0;
  },
});

const embed = { "embed-certs": bool("Put the contents of files in the kubeconfig.") };

/** The flag's file by name, or its content. */
const fileField = (cwd: string, key: string, file: string | undefined, embedded: boolean): Record<string, unknown> => {
  if (file === undefined) return {};
  const path = resolve(cwd, file);
  if (!embedded) return { [key]: path, [`${key}-data`]: null };
  try {
    return { [`${key}-data`]: readFileSync(path).toString("base64"), [key]: null };
  } catch (error) {
    throw new CliError(`could not stat ${key} file ${file}: stat ${file}: ${systemText(error)}`);
  }
};

export const setCluster = defineCommand({
  name: "set-cluster",
  usage: "NAME [--server=server] [--certificate-authority=path] [--insecure-skip-tls-verify=true]",
  summary: "Add a cluster or change one.",
  flags: embed,
  async run(call) {
    const { session, flags, given } = call;
    const name = oneName(call);
    const {
      server,
      "tls-server-name": serverName,
      "certificate-authority": ca,
      "insecure-skip-tls-verify": insecure,
    } = session.globals;
    if (insecure && ca)
      throw new CliError("you cannot specify a certificate authority and insecure mode at the same time");
    await rewrite(await fileFor(session, (one) => hasEntry(one, "clusters", name)), (changed) => {
      putEntry(changed, "clusters", "cluster", name, {
        server: server?.replace(/\/$/, ""),
        "tls-server-name": serverName,
        ...(given.has("insecure-skip-tls-verify") ? { "insecure-skip-tls-verify": insecure || null } : {}),
        ...fileField(session.io.cwd, "certificate-authority", ca, flags["embed-certs"]),
      });
    });
    session.print(`Cluster ${JSON.stringify(name)} set.`);
    return 0;
  },
});

export const setCredentials = defineCommand({
  name: "set-credentials",
  usage: "NAME [--client-certificate=path] [--client-key=path] [--token=token] [--username=name --password=word]",
  summary: "Add a user or change one.",
  examples: [
    "navctl config set-credentials me --client-certificate=me.crt --client-key=me.key --embed-certs",
    "navctl config set-credentials bot --token=$TOKEN",
  ],
  flags: { ...embed, ...credentialFlags },
  async run(call) {
    const { session, flags } = call;
    const name = oneName(call);
    const { token, "client-certificate": certificate, "client-key": key } = session.globals;
    const { cwd } = session.io;
    const { config } = await session.config();
    const fields = {
      ...credentialsOf(call, token, entryOf(config.users, "user", name) ?? {}),
      ...fileField(cwd, "client-certificate", certificate, flags["embed-certs"]),
      ...fileField(cwd, "client-key", key, flags["embed-certs"]),
    };
    await rewrite(await fileFor(session, (one) => hasEntry(one, "users", name)), (changed) => {
      putEntry(changed, "users", "user", name, fields);
    });
    session.print(`User ${JSON.stringify(name)} set.`);
    return 0;
  },
});

const sections = {
  clusters: "cluster",
  contexts: "context",
  users: "user",
} as const;
type Section = keyof typeof sections;

/** `contexts.NAME.namespace`: a name may have dots itself, so the field is the last part. */
function parsePath(config: Kubeconfig, written: string): { section: Section; name: string; field: string | undefined } {
  const [section = "", ...rest] = written.split(".");
  if (!(section in sections) || rest.length === 0) {
    throw new CliError(
      `unable to locate path ${written}: it is current-context, or begins with clusters, contexts or users and a name`,
    );
  }
  const known = section as Section;
  const whole = rest.join(".");
  if (hasEntry(config, known, whole)) return { section: known, name: whole, field: undefined };
  return { section: known, name: rest.slice(0, -1).join("."), field: rest.at(-1) };
}

function truth(value: string): boolean {
  if (value === "true" || value === "false") return value === "true";
  throw new CliError(`strconv.ParseBool: parsing ${JSON.stringify(value)}: invalid syntax`);
}

export const set = defineCommand({
  name: "set",
  usage: "PROPERTY_NAME PROPERTY_VALUE",
  summary: "Set one value of the kubeconfig.",
  flags: { "set-raw-bytes": bool("The value of a ...-data field is not base64.") },
  async run({ session, args, flags, usageError }) {
    const [path, value] = args;
    if (path === undefined || value === undefined || args.length > 2)
      throw usageError(`Unexpected args: [${args.join(" ")}]`);
    const { config } = await session.config();
    if (path === "current-context") {
      await rewrite(await fileFor(session, (one) => Boolean(one["current-context"])), (changed) => {
        changed["current-context"] = value;
      });
    } else {
      const { section, name, field } = parsePath(config, path);
      if (!field || name === "") throw new CliError(`unable to locate path ${path}`);
      const data = field.endsWith("-data") && flags["set-raw-bytes"] ? Buffer.from(value).toString("base64") : value;
      const typed = field === "insecure-skip-tls-verify" ? truth(value) : data;
      await rewrite(await fileFor(session, (one) => hasEntry(one, section, name)), (changed) => {
        putEntry(changed, section, sections[section], name, { [field]: typed });
      });
    }
    session.print(`Property ${JSON.stringify(path)} set.`);
    return 0;
  },
});

export const unset = defineCommand({
  name: "unset",
  usage: "PROPERTY_NAME",
  summary: "Take one value out of the kubeconfig.",
  flags: {},
  async run({ session, args, usageError }) {
    const [path] = args;
    if (path === undefined || args.length > 1) throw usageError(`Unexpected args: [${args.join(" ")}]`);
    const { config } = await session.config();
    if (path === "current-context") {
      await rewrite(await fileFor(session, (one) => Boolean(one["current-context"])), (changed) => {
        delete changed["current-context"];
      });
    } else {
      const { section, name, field } = parsePath(config, path);
      if (!hasEntry(config, section, name)) throw new CliError(`current map key \`${name}\` is invalid`);
      await rewrite(await fileFor(session, (one) => hasEntry(one, section, name)), (changed) => {
        if (field) putEntry(changed, section, sections[section], name, { [field]: null });
        else dropEntry(changed, section, name);
      });
    }
    session.print(`Property ${JSON.stringify(path)} unset.`);
    return 0;
  },
});
