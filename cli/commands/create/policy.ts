import { resourceQuotas } from "../../../api/core/resource-quota.js";
import { ingresses } from "../../../api/networking/ingress.js";
import { podDisruptionBudgets } from "../../../api/policy/pod-disruption-budget.js";
import { isQuantity } from "../../../apimachinery/quantity.js";
import { CliError } from "../../errors.js";
import { array, list, text } from "../../flags.js";
import { type Draft, defineGenerator } from "./generator.js";
import { selectorFrom } from "./selector.js";

export const podDisruptionBudget = defineGenerator({
  name: "poddisruptionbudget",
  aliases: ["pdb"],
  usage: "NAME --selector=SELECTOR (--min-available=N | --max-unavailable=N)",
  summary: "Create a budget of how many pods may be evicted at a time.",
  examples: ["navctl create pdb web --selector=app=web --min-available=50%"],
  flags: {
    selector: text("Labels of the pods."),
    "min-available": text("How many, or what share, must stay."),
    "max-unavailable": text("How many, or what share, may be away."),
  },
  target: podDisruptionBudgets,
  failing: "poddisruptionbudgets",
  make(_, { flags }) {
    const { selector, "min-available": least, "max-unavailable": most } = flags;
    if (!selector) throw new CliError("a selector must be specified");
    if (least !== undefined && most !== undefined)
      throw new CliError("min-available and max-unavailable cannot be both specified");
    if (least === undefined && most === undefined)
      throw new CliError("one of min-available or max-unavailable must be specified");
    return {
      spec: {
        selector: selectorFrom(selector),
        ...(least === undefined ? { maxUnavailable: amount(most ?? "") } : { minAvailable: amount(least) }),
      },
    };
  },
});

const amount = (written: string): number | string => {
  if (/^\d+$/.test(written)) return Number(written);
  if (/^\d{1,3}%$/.test(written)) return written;
  throw new CliError(
    `invalid format specified for pdb: ${JSON.stringify(written)} is no number and no share such as 50%`,
  );
};

export const quota = defineGenerator({
  name: "quota",
  aliases: ["resourcequota"],
  usage: "NAME [--hard=key1=value1,key2=value2] [--scopes=Scope1,Scope2]",
  summary: "Create a quota.",
  examples: ["navctl create quota small --hard=cpu=1,memory=1Gi,pods=2"],
  flags: {
    hard: list("resource=amount; several parted by commas."),
    scopes: list("Only pods in these scopes."),
  },
  target: resourceQuotas,
  failing: "quota:",
  make: (_, { flags }) => ({
    spec: {
      ...(flags.hard.length > 0 ? { hard: Object.fromEntries(flags.hard.map(hardLimit)) } : {}),
      ...(flags.scopes.length > 0 ? { scopes: flags.scopes } : {}),
    },
  }),
});

function hardLimit(written: string): [string, string] {
  const [, name, value] = /^([^=]+)=([^=]+)$/.exec(written.trim()) ?? [];
  if (name === undefined || value === undefined)
    throw new CliError(`Invalid argument syntax ${written}, expected <resource>=<value>`);
  if (!isQuantity(value))
    throw new CliError("quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'");
  return [name, value];
}

export const ingress = defineGenerator({
  name: "ingress",
  aliases: ["ing"],
  usage: "NAME --rule=host/path=service:port[,tls[=secret]]",
  summary: "Create an ingress.",
  examples: ["navctl create ingress front --class=nginx --rule=shop.example/cart*=cart:80,tls=certificate"],
  flags: {
    class: text("Ingress class."),
    rule: array("host/path=service:port[,tls[=secret]]; a path that ends in * is a prefix; may be repeated."),
    "default-backend": text("service:port for all else."),
    annotation: array("key=value; may be repeated."),
  },
  target: ingresses,
  failing: "ingress:",
  make(_, { flags }) {
    if (flags.rule.length === 0 && flags["default-backend"] === undefined)
      throw new CliError(
        "not enough information provided: every ingress has to either specify a default-backend (which catches all traffic) or a list of rules (which catch specific paths)",
      );
    const rules = flags.rule.map(ruleOf);
    const hosts = [...new Set(rules.map(({ host }) => host))];
    const tls = new Map<string, string[]>();
    for (const { host, secret } of rules)
      if (secret !== undefined) {
        const named = tls.get(secret) ?? [];
        tls.set(secret, named.includes(host) || host === "" ? named : [...named, host]);
      }
    return {
      ...(flags.annotation.length > 0
        ? { metadata: { annotations: Object.fromEntries(flags.annotation.map(annotationOf)) } }
        : {}),
      spec: {
        ...(flags.class === undefined ? {} : { ingressClassName: flags.class }),
        ...(flags["default-backend"] === undefined ? {} : { defaultBackend: backendOf(flags["default-backend"]) }),
        ...(rules.length === 0
          ? {}
          : {
              rules: hosts.map((host) => ({
                ...(host === "" ? {} : { host }),
                http: { paths: rules.filter((rule) => rule.host === host).map(({ path }) => path) },
              })),
            }),
        ...(tls.size === 0
          ? {}
          : {
              tls: [...tls].map(([secretName, names]) => ({
                ...(names.length > 0 ? { hosts: names } : {}),
                ...(secretName === "" ? {} : { secretName }),
              })),
            }),
      },
    };
  },
});

interface Rule {
  readonly host: string;
  readonly path: Draft;
  /** Empty for a certificate that the controller knows by itself. */
  readonly secret: string | undefined;
}

function ruleOf(written: string): Rule {
  const [, host = "", path = "", backend = "", tls, secret = ""] =
    /^([^/=,]*)(\/[^=,]*)=([^,=]+)(?:,(tls)(?:=([^,]*))?)?$/.exec(written) ?? [];
  if (!/^[^:]+:[^:]+$/.test(backend))
    throw new CliError(`rule ${written} is invalid and should be in format host/path=svcname:svcport[,tls[=secret]]`);
  const prefix = path.endsWith("*");
  return {
    host,
    path: {
      path: prefix ? path.slice(0, -1) : path,
      pathType: prefix ? "Prefix" : "Exact",
      backend: backendOf(backend),
    },
    secret: tls === undefined ? undefined : secret,
  };
}

function backendOf(written: string): Draft {
  const [name = "", port = "", ...more] = written.split(":");
  if (name === "" || port === "" || more.length > 0)
    throw new CliError("default-backend should be in format servicename:serviceport");
  return { service: { name, port: /^\d+$/.test(port) ? { number: Number(port) } : { name: port } } };
}

function annotationOf(written: string): [string, string] {
  const equals = written.indexOf("=");
  if (equals < 1) throw new CliError(`annotation ${written} is invalid and should be in format key=[value]`);
  return [written.slice(0, equals), written.slice(equals + 1)];
}
