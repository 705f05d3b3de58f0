/**
 * Kubernetes' rules for names, keys and values. Every function answers the messages of what is wrong, none where all is
 * well; they are shown as they are after `Invalid value`. Lengths count UTF-8 bytes.
 * https://kubernetes.io/docs/concepts/overview/working-with-objects/names/
 */

export const dnsLabelMaxBytes = 63;
export const dnsSubdomainMaxBytes = 253;
export const labelValueMaxBytes = 63;
export const qualifiedNamePartMaxBytes = 63;
export const portNameMaxBytes = 15;

type Messages = readonly string[];
const none: Messages = [];

/** One label of a host name: namespaces, containers, volumes. */
export function dnsLabel(name: string): Messages {
  if (name.length <= dnsLabelMaxBytes && dnsLabelPattern.test(name)) return none;
  const shape = dnsLabelPattern.test(name)
    ? []
    : [
        dnsSubdomainPattern.test(name)
          ? "must not contain dots"
          : shapeMessage(
              "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character",
              dnsLabelText,
              ["my-name", "123-abc"],
            ),
      ];
  return [...tooLong(name, dnsLabelMaxBytes, "characters"), ...shape];
}

/** Labels joined by dots: the name of most objects. */
export function dnsSubdomain(name: string): Messages {
  return check(name, dnsSubdomainMaxBytes, dnsSubdomainPattern, () =>
    shapeMessage(
      "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character",
      dnsSubdomainText,
      ["example.com"],
    ),
  );
}

/** A label that starts with a letter: services. */
export function dns1035Label(name: string): Messages {
  return check(name, dnsLabelMaxBytes, dns1035Pattern, () =>
    shapeMessage(
      "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character",
      dns1035Text,
      ["my-name", "abc-123"],
    ),
  );
}

/** `*.` and a subdomain: hosts of an Ingress. */
export function wildcardSubdomain(name: string): Messages {
  return check(name, dnsSubdomainMaxBytes, wildcardPattern, () =>
    shapeMessage(
      "a wildcard DNS-1123 subdomain must start with '*.', followed by a valid DNS subdomain, which must consist of lower case alphanumeric characters, '-' or '.' and end with an alphanumeric character",
      wildcardText,
      ["*.example.com"],
    ),
  );
}

/** What can stand between two slashes of a URL: RBAC names. Takes the empty name too. */
export function pathSegment(name: string): Messages {
  if (name === "." || name === "..") return [`may not be '${name}'`];
  return ["/", "%"].filter((part) => name.includes(part)).map((part) => `may not contain '${part}'`);
}

/** `acme.io/foo`: what an owner of a domain names. */
export function domainPrefixedPath(path: string): Messages {
  const slash = path.indexOf("/");
  if (slash <= 0 || slash === path.length - 1) return ['must be a domain-prefixed path (such as "acme.io/foo")'];
  return dnsSubdomain(path.slice(0, slash));
}

/** Key of a label or annotation: `name` or `subdomain/name`. */
export function qualifiedName(key: string): Messages {
  if (key.length <= qualifiedNamePartMaxBytes && namePattern.test(key)) return none;
  const parts = key.split("/");
  const shape = shapeMessage(nameRuleText, nameText, ["MyName", "my.name", "123-abc"]);
  if (parts.length > 2)
    return [`a valid label key ${shape} with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')`];
  const [prefix, name = ""] = parts.length === 2 ? parts : [undefined, key];
  const messages: string[] = [];
  if (prefix === "") messages.push("prefix part must be non-empty");
  else if (prefix !== undefined) messages.push(...subdomainInBytes(prefix).map((message) => `prefix part ${message}`));
  if (name === "") messages.push("name part must be non-empty");
  else messages.push(...tooLong(name, qualifiedNamePartMaxBytes, "bytes").map((message) => `name part ${message}`));
  if (!namePattern.test(name)) messages.push(`name part ${shape}`);
  return messages;
}

/** Value of a label; may be empty. */
export function labelValue(value: string): Messages {
  if (value === "" || (value.length <= labelValueMaxBytes && namePattern.test(value))) return none;
  const messages = [...tooLong(value, labelValueMaxBytes, "bytes")];
  if (!namePattern.test(value))
    messages.push(
      shapeMessage(
        "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character",
        `(${nameText})?`,
        ["MyValue", "my_value", "12345"],
      ),
    );
  return messages;
}

/** Key of a ConfigMap's or Secret's data: becomes a file name. */
export function configMapKey(key: string): Messages {
  return [
    ...check(key, dnsSubdomainMaxBytes, configKeyPattern, () =>
      shapeMessage("a valid config key must consist of alphanumeric characters, '-', '_' or '.'", configKeyText, [
        "key.name",
        "KEY_NAME",
        "key-name",
      ]),
    ),
    ...dotMessages(key),
  ];
}

/** Name of an environment variable, as it is since 1.30 and later: printable ASCII without `=`. */
export function environmentVariableName(name: string): Messages {
  if (name === "") return ["environment variable name must be non-empty"];
  return /^[ -<>-~]+$/.test(name)
    ? none
    : ["a valid environment variable name must consist only of printable ASCII characters other than '='"];
}

/** Prefix of envFrom, by the strict rule. */
export function strictEnvironmentVariableName(name: string): Messages {
  const shape = /^[-._a-zA-Z][-._a-zA-Z0-9]*$/.test(name)
    ? []
    : [
        shapeMessage(
          "a valid environment variable name must consist of alphabetic characters, digits, '_', '-', or '.', and must not start with a digit",
          "[-._a-zA-Z][-._a-zA-Z0-9]*",
          ["my.env-name", "MY_ENV.NAME", "MyEnvName1"],
        ),
      ];
  return [...shape, ...dotMessages(name)];
}

/** Name of a port (IANA service name). */
export function portName(name: string): Messages {
  const messages = [...tooLong(name, portNameMaxBytes, "characters")];
  if (!/^[-a-z0-9]+$/.test(name))
    messages.push("must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)");
  if (!/[a-z]/.test(name)) messages.push("must contain at least one letter (a-z)");
  if (name.includes("--")) messages.push("must not contain consecutive hyphens");
  if (name.startsWith("-") || name.endsWith("-")) messages.push("must not begin or end with a hyphen");
  return messages;
}

export const portNumber = (port: number): Messages => inRange(port, 1, 65_535);

/** `must be between 1 and 65535, inclusive`. */
export const inRange = (value: number, min: number, max: number): Messages =>
  Number.isInteger(value) && value >= min && value <= max ? none : [`must be between ${min} and ${max}, inclusive`];

/** Text like `25%`. */
export const percent = (text: string): Messages =>
  /^[0-9]+%$/.test(text)
    ? none
    : [
        shapeMessage("a valid percent string must be a numeric string followed by an ending '%'", "[0-9]+%", [
          "1%",
          "93%",
        ]),
      ];

/** The rule of metadata.name by the word that a resource definition uses for it. */
export const nameRules = {
  "dns-subdomain": dnsSubdomain,
  "dns-label": dnsLabel,
  "dns-1035-label": dns1035Label,
  "path-segment": pathSegment,
} as const satisfies Readonly<Record<string, (name: string) => Messages>>;

/** A shape and examples of it, in the words that Kubernetes puts after a failed regular expression. */
export function shapeMessage(rule: string, pattern: string, examples: readonly string[]): string {
  const shown = examples.map((example) => `'${example}', `).join(" or ");
  return `${rule} (${examples.length > 0 ? `e.g. ${shown}` : ""}regex used for validation is '${pattern}')`;
}

const dnsLabelText = "[a-z0-9]([-a-z0-9]*[a-z0-9])?";
const dnsSubdomainText = `${dnsLabelText}(\\.${dnsLabelText})*`;
const dns1035Text = "[a-z]([-a-z0-9]*[a-z0-9])?";
const wildcardText = `\\*\\.${dnsSubdomainText}`;
const nameText = "([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]";
const nameRuleText =
  "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character";
const configKeyText = "[-._a-zA-Z0-9]+";

const whole = (text: string): RegExp => new RegExp(`^${text}$`);
const dnsLabelPattern = whole(dnsLabelText);
const dnsSubdomainPattern = whole(dnsSubdomainText);
const dns1035Pattern = whole(dns1035Text);
const wildcardPattern = whole(wildcardText);
const namePattern = whole(nameText);
const configKeyPattern = whole(configKeyText);

function check(name: string, maxBytes: number, pattern: RegExp, message: () => string): Messages {
  const matches = pattern.test(name);
  if (matches && name.length <= maxBytes) return none;
  return [...tooLong(name, maxBytes, "characters"), ...(matches ? [] : [message()])];
}

// The prefix of a key is held to the subdomain rule, but its length is told in bytes.
const subdomainInBytes = (prefix: string): Messages =>
  dnsSubdomain(prefix).map((message) => message.replace(/^(must be no more than \d+) characters$/, "$1 bytes"));

const tooLong = (name: string, maxBytes: number, unit: "characters" | "bytes"): Messages =>
  name.length > maxBytes || utf8Bytes(name) > maxBytes ? [`must be no more than ${maxBytes} ${unit}`] : none;

function dotMessages(name: string): Messages {
  if (name === ".") return ["must not be '.'"];
  if (name === "..") return ["must not be '..'"];
  return name.startsWith("..") ? ["must not start with '..'"] : none;
}

function utf8Bytes(text: string): number {
  let bytes = 0;
  for (const character of text) {
    const code = character.codePointAt(0) ?? 0;
    bytes += code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
  }
  return bytes;
}
