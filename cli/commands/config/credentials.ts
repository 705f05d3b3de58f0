import type { Call } from "../../command.js";
import type { UserEntry } from "../../config/kubeconfig.js";
import { CliError } from "../../errors.js";
import { array, text } from "../../flags.js";

/** Ways to be known that are written down for other programs; navctl itself uses certificates and tokens. */
export const credentialFlags = {
  username: text("Name of a user who shows a password."),
  password: text("Password."),
  "auth-provider": text("Name of an authentication provider."),
  "auth-provider-arg": array("key=value, or key- to take it away; may be repeated."),
  "exec-command": text("Program that gets credentials."),
  "exec-api-version": text("Version of the API by which it answers."),
  "exec-arg": array("Argument of the program; may be repeated."),
  "exec-env": array("NAME=value for the program, or NAME- to take it away; may be repeated."),
  "exec-interactive-mode": text("Whether the program may ask on the terminal: Never, IfAvailable or Always."),
};
type CredentialsCall = Pick<Call<typeof credentialFlags>, "flags">;

interface Exec {
  readonly apiVersion?: string;
  readonly command?: string;
  readonly args?: readonly string[];
  readonly env?: readonly { readonly name: string; readonly value: string }[];
  readonly interactiveMode?: string;
}
interface Provider {
  readonly name?: string;
  readonly config?: Readonly<Record<string, string>> | null;
}

/** Fields of a user's entry: one way to be known takes the place of the others; `null` takes a field away. */
export function credentialsOf(
  { flags }: CredentialsCall,
  token: string | undefined,
  before: UserEntry,
): Readonly<Record<string, unknown>> {
  const basic = flags.username !== undefined || flags.password !== undefined;
  if (token !== undefined && basic)
    throw new CliError(
      "you cannot specify more than one authentication method at the same time: --token, --username/--password",
    );
  if (flags["exec-command"] !== undefined && flags["auth-provider"] !== undefined)
    throw new CliError("you cannot specify both an authentication provider and an exec command");
  return {
    ...(token === undefined ? {} : { token, username: null, password: null }),
    ...(basic ? { username: flags.username, password: flags.password, token: null } : {}),
    ...providerOf(flags, before["auth-provider"] as Provider | undefined),
    ...execOf(flags, before.exec as Exec | undefined),
  };
}

function providerOf(flags: CredentialsCall["flags"], before: Provider | undefined): Readonly<Record<string, unknown>> {
  const { "auth-provider": name, "auth-provider-arg": written } = flags;
  if (name === undefined && written.length === 0) return {};
  if (name === undefined && before === undefined) throw new CliError("--auth-provider-arg needs --auth-provider");
  const same = name === undefined || name === before?.name;
  const { set, taken } = pairsOf(written, "auth-provider-arg");
  const kept = Object.entries((same && before?.config) || {}).filter(([key]) => !taken.includes(key));
  const config = { ...Object.fromEntries(kept), ...Object.fromEntries(set) };
  return { "auth-provider": { config, name: name ?? before?.name } };
}

function execOf(flags: CredentialsCall["flags"], before: Exec | undefined): Readonly<Record<string, unknown>> {
  const { "exec-command": command, "exec-api-version": apiVersion, "exec-arg": args, "exec-env": env } = flags;
  const mode = flags["exec-interactive-mode"];
  if (command === undefined && apiVersion === undefined && args.length === 0 && env.length === 0 && mode === undefined)
    return {};
  if (command === undefined && before === undefined) throw new CliError("the other --exec- flags need --exec-command");
  const { set, taken } = pairsOf(env, "exec-env");
  const named = new Set([...set.map(([name]) => name), ...taken]);
  const variables = [
    ...(before?.env ?? []).filter(({ name }) => !named.has(name)),
    ...set.map(([name, value]) => ({ name, value })),
  ];
  return {
    exec: {
      ...before,
      ...(apiVersion === undefined ? {} : { apiVersion }),
      ...(args.length === 0 ? {} : { args }),
      ...(command === undefined ? {} : { command }),
      env: variables.length === 0 ? null : variables,
      interactiveMode: mode ?? before?.interactiveMode ?? "IfAvailable",
      provideClusterInfo: false,
    },
  };
}

function pairsOf(
  written: readonly string[],
  flag: string,
): { readonly set: readonly (readonly [string, string])[]; readonly taken: readonly string[] } {
  const set: (readonly [string, string])[] = [];
  const taken: string[] = [];
  for (const pair of written) {
    const equals = pair.indexOf("=");
    if (equals > 0) set.push([pair.slice(0, equals), pair.slice(equals + 1)]);
    else if (equals < 0 && pair.endsWith("-") && pair.length > 1) taken.push(pair.slice(0, -1));
    else throw new CliError(`--${flag} must be of the form key=value or key-, not ${JSON.stringify(pair)}`);
  }
  return { set, taken };
}
