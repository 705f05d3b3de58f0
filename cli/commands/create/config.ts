import { configMaps } from "../../../api/core/config-map.js";
import { namespaces } from "../../../api/core/namespace.js";
import { secrets } from "../../../api/core/secret.js";
import { serviceAccounts } from "../../../api/core/service-account.js";
import { priorityClasses } from "../../../api/scheduling/priority-class.js";
import type { Command } from "../../command.js";
import { CliError } from "../../errors.js";
import { array, bool, int, text } from "../../flags.js";
import { asText, readSources } from "./from-files.js";
import { defineGenerator } from "./generator.js";
import { read } from "./read-file.js";

const sourceFlags = {
  "from-literal": array("key=value; may be repeated."),
  "from-file": array("[key=]file or folder; may be repeated."),
  "from-env-file": array("File of KEY=VALUE lines; may be repeated."),
};
const hashFlag = { "append-hash": bool("Append a hash of the content to the name (not supported).") };

const refuseHash = (asked: boolean): void => {
  if (asked) throw new CliError("--append-hash is not supported by navctl");
};

export const namespace = defineGenerator({
  name: "namespace",
  aliases: ["ns"],
  usage: "NAME",
  summary: "Create a namespace.",
  flags: {},
  target: namespaces,
  make: () => ({}),
});

export const serviceAccount = defineGenerator({
  name: "serviceaccount",
  aliases: ["sa"],
  usage: "NAME",
  summary: "Create a service account.",
  flags: {},
  target: serviceAccounts,
  failing: "serviceaccount:",
  make: () => ({}),
});

export const configMap = defineGenerator({
  name: "configmap",
  aliases: ["cm"],
  usage: "NAME [--from-file=[key=]source] [--from-literal=key=value]",
  summary: "Create a config map from files, folders and values.",
  examples: ["navctl create configmap web --from-literal=mode=fast --from-file=web.conf"],
  flags: { ...sourceFlags, ...hashFlag },
  target: configMaps,
  failing: "configmap:",
  make(name, { session, flags }) {
    refuseHash(flags["append-hash"]);
    const data: Record<string, string> = {};
    const binaryData: Record<string, string> = {};
    for (const [key, content] of readSources(session.io, { kind: "ConfigMap", name }, flags)) {
      const plain = asText(content);
      if (plain === undefined) binaryData[key] = content.toString("base64");
      else data[key] = plain;
    }
    return {
      ...(Object.keys(data).length > 0 ? { data } : {}),
      ...(Object.keys(binaryData).length > 0 ? { binaryData } : {}),
    };
  },
});

const generic = defineGenerator({
  name: "generic",
  usage: "NAME [--type=string] [--from-file=[key=]source] [--from-literal=key=value]",
  summary: "Create a secret from files, folders and values.",
  flags: { ...sourceFlags, ...hashFlag, type: text("Type of the secret.") },
  target: secrets,
  failing: "secret",
  make(name, { session, flags }) {
    refuseHash(flags["append-hash"]);
    const sources = readSources(session.io, { kind: "Secret", name }, flags);
    const entries = [...sources].map(([key, content]) => [key, content.toString("base64")]);
    return {
      ...(entries.length > 0 ? { data: Object.fromEntries(entries) } : {}),
      ...(flags.type ? { type: flags.type } : {}),
    };
  },
});

const tls = defineGenerator({
  name: "tls",
  usage: "NAME --cert=path/to/cert/file --key=path/to/key/file",
  summary: "Create a secret with a certificate and its key.",
  flags: { ...hashFlag, cert: text("File with the certificate, as PEM."), key: text("File with its key, as PEM.") },
  target: secrets,
  failing: "secret",
  async make(_, { session, flags }) {
    refuseHash(flags["append-hash"]);
    if (!flags.cert || !flags.key) throw new CliError("key and cert must be specified");
    const certificate = read(session.io.cwd, flags.cert);
    const key = read(session.io.cwd, flags.key);
    const { X509Certificate, createPrivateKey } = await import("node:crypto");
    if (!certificate.includes("-----BEGIN "))
      throw new CliError("tls: failed to find any PEM data in certificate input");
    if (!key.includes("-----BEGIN ")) throw new CliError("tls: failed to find any PEM data in key input");
    try {
      if (!new X509Certificate(certificate).checkPrivateKey(createPrivateKey(key)))
        throw new Error("they do not belong together");
    } catch (error) {
      throw new CliError(`failed to load key pair: ${error instanceof Error ? error.message : error}`);
    }
    return {
      data: { "tls.crt": certificate.toString("base64"), "tls.key": key.toString("base64") },
      type: "kubernetes.io/tls",
    };
  },
});

const dockerRegistry = defineGenerator({
  name: "docker-registry",
  usage: "NAME --docker-username=user --docker-password=password [--docker-email=email]",
  summary: "Create a secret with the credentials of an image registry.",
  flags: {
    ...hashFlag,
    "docker-server": text("Address of the registry."),
    "docker-username": text("User."),
    "docker-password": text("Password."),
    "docker-email": text("E-mail address."),
    "from-file": array("File to take instead: [.dockerconfigjson=]path."),
  },
  target: secrets,
  failing: "secret",
  make(_, { session, flags }) {
    refuseHash(flags["append-hash"]);
    const type = "kubernetes.io/dockerconfigjson";
    const [file] = flags["from-file"];
    if (file !== undefined) {
      const content = read(session.io.cwd, file.replace(/^[^=]*=/, ""));
      return { data: { ".dockerconfigjson": content.toString("base64") }, type };
    }
    const { "docker-username": username, "docker-password": password, "docker-email": email } = flags;
    if (!username || !password) {
      throw new CliError(
        "either --from-file or the combination of --docker-username, --docker-password and --docker-server is required",
      );
    }
    const server = flags["docker-server"] ?? dockerHub;
    const auth = Buffer.from(`${username}:${password}`).toString("base64");
    const content = JSON.stringify({ auths: { [server]: { username, password, ...(email ? { email } : {}), auth } } });
    return { data: { ".dockerconfigjson": Buffer.from(content).toString("base64") }, type };
  },
});

const dockerHub = "https://index.docker.io/v1/";

export const secret: Command = {
  name: "secret",
  summary: "Create a secret.",
  flags: {},
  subcommands: [dockerRegistry, generic, tls],
};

export const priorityClass = defineGenerator({
  name: "priorityclass",
  aliases: ["pc"],
  usage: "NAME --value=VALUE",
  summary: "Create a priority class.",
  flags: {
    value: int("The priority."),
    "global-default": bool("Pods without a class get this one."),
    description: text("When to use it."),
    "preemption-policy": text("PreemptLowerPriority or Never."),
  },
  target: priorityClasses,
  failing: "priorityclass:",
  make: (_, { flags }) => ({
    value: flags.value ?? 0,
    globalDefault: flags["global-default"],
    ...(flags.description ? { description: flags.description } : {}),
    preemptionPolicy: flags["preemption-policy"] ?? "PreemptLowerPriority",
  }),
});
