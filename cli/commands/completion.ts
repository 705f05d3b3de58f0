import { defineCommand } from "../command.js";
import { CliError } from "../errors.js";

const scripts: Readonly<Record<string, string>> = {
  bash: `_navctl() {
  local IFS=$'\\n'
  COMPREPLY=($(navctl __complete "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null))
}
complete -o default -F _navctl navctl
`,
  zsh: `#compdef navctl
_navctl() {
  local -a found
  found=("\${(@f)$(navctl __complete "\${words[@]:1:$((CURRENT - 1))}" 2>/dev/null)}")
  compadd -a found
}
compdef _navctl navctl
`,
  fish: `function __navctl_complete
  set -l words (commandline -opc) (commandline -ct)
  navctl __complete $words[2..-1] 2>/dev/null
end
complete -c navctl -f -a '(__navctl_complete)'
`,
};

export const completion = defineCommand({
  name: "completion",
  usage: "SHELL",
  summary: "Print a script that completes navctl's words in bash, zsh or fish.",
  examples: ["source <(navctl completion bash)", "navctl completion fish > ~/.config/fish/completions/navctl.fish"],
  flags: {},
  async run({ session, args, usageError }) {
    const [shell] = args;
    if (shell === undefined) throw usageError("Shell not specified.");
    if (args.length > 1) throw usageError("Too many arguments. Expected only the shell type.");
    const script = Object.hasOwn(scripts, shell) ? scripts[shell] : undefined;
    if (script === undefined) throw new CliError(`Unsupported shell type ${JSON.stringify(shell)}.`);
    session.io.stdout.write(script);
    return 0;
  },
});
