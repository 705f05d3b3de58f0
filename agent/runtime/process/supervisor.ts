/**
 * The supervisor: a POSIX shell that outlives the agent and keeps one container. It costs no compiler, no binary of ours
 * and, with all that belongs to it, about 0.4 MB of memory.
 *
 * It works in the container's directory and leaves what happens in files, so that an agent that was away (or was killed
 * at any moment) finds out all of it, and one that is there is told at once by watching the directory:
 *   supervisor  its own line of /proc/PID/stat: pid and start time
 *   pid         the same of the container's first process, or of what leads into its namespaces
 *   began       in namespaces: not empty once the program itself takes over
 *   log         what the container wrote to stdout and stderr, as one stream, byte for byte
 *   pump        the pid of what copies the output into the log
 *   lost        made when some of the output could not be written there, such as on a full disk: it is dropped, what
 *               comes later is tried again, and the container never notices
 *   exit        the exit code, complete once it ends in a newline; its modification time is the finish time
 *   drained     made when every writer of the log is gone
 *
 * Why `cat`: the container's output must be a pipe (scripts that open /dev/stderr for writing would cut a plain file to
 * nothing), and the pipe must have a reader that lives as long as the container, not as long as the agent. One stream
 * for both keeps the order in which lines were written. No line is stamped here, since a shell does that at a tenth of a
 * millisecond a line: the agent, which sees the log grow, notes when (log-file.ts).
 *
 * Input: `stdin` is a fifo that whoever attaches writes to. A holder keeps it open in between, until a line comes to the
 * fifo `close`; so the container sees its end only when that is meant, and no agent need be there meanwhile.
 *
 * The container's first process runs in the foreground: a shell makes background jobs deaf to SIGINT and SIGQUIT.
 */
export const supervisorScript = `umask 077
cd "$1" || exit 1
trap : HUP INT TERM
read -r stat </proc/self/stat && echo "$stat" >supervisor
mkfifo pipe || exit 1
until cat; do
  case $? in 126 | 127) exit 1 ;; esac
  : >lost
done <pipe >>log &
echo "$!" >pump
input=/dev/null
if [ "$2" = input ]; then
  input=stdin
  mkfifo stdin close || exit 1
  exec 4<>stdin 5<>close
  ( read -r word <&5 ) &
  holder=$!
  exec 4>&- 5>&-
fi
exec 3>pipe </dev/null
rm -f pipe
( exec /bin/sh ./run ) <"$input" >&3 2>&3 3>&-
code=$?
exec 3>&-
[ -z "$holder" ] || kill "$holder" 2>/dev/null
echo "$code" >exit
wait
: >drained
sync exit . 2>/dev/null
`;

export interface RunOptions {
  /** Absolute path of the container's directory. */
  readonly dir: string;
  readonly workingDir: string;
  readonly env: ReadonlyMap<string, string>;
  /** The program by its absolute path, then its arguments. */
  readonly argv: readonly string[];
  /** Keeps a terminal around the program: words before lines of shell. */
  readonly terminal?: (lines: string) => readonly string[];
  /** New namespaces: words before the shell that begins inside, what it prepares, words before the program's own shell. */
  readonly enter?: {
    readonly words: readonly string[];
    readonly setup: readonly string[];
    readonly become: readonly string[];
  };
}

/**
 * Files to write beside the supervisor's: it starts `run`; in new namespaces that leads to `inner`, a shell that stays
 * as process 1: it reaps orphans, and `program` below it takes signals as anywhere else (process 1 is deaf to those it
 * has no handler for). Shells tell of killed children on their own stderr, which is not the container's.
 */
export function runScripts(options: RunOptions): Readonly<Record<string, string>> {
  const { dir, enter, terminal } = options;
  const announce = `read -r stat </proc/self/stat && echo "$stat" >${quote(`${dir}/pid`)}\n`;
  const shell = terminal ? "SHELL=/bin/sh; export SHELL\n" : "";
  if (!enter && !terminal) return { run: `${announce}${become(options)}` };
  if (!enter)
    return {
      run: `${shell}exec ${words(terminal, ["/bin/sh", `${dir}/program`])}\n`,
      program: `unset SHELL\n${announce}${become(options)}`,
    };
  // The program's own shell reads it through a descriptor: by then its path may be hidden.
  const inner = [
    "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin; export PATH\n",
    `exec 8>${quote(`${dir}/began`)} 9<${quote(`${dir}/program`)}\n`,
    ...enter.setup.map((line) => `${line} || exit 128\n`),
    "exec 5<&- 7>&2 2>/dev/null\n",
    `${shell}( exec 2>&7 7>&-; exec ${words(terminal, [...enter.become, "/bin/sh", "/proc/self/fd/9"])} )\nexit $?\n`,
  ];
  return {
    run: `${announce}exec ${enter.words.map(quote).join(" ")} /bin/sh ${quote(`${dir}/inner`)}\n`,
    inner: inner.join(""),
    program: `exec 9<&-\nunset PATH${terminal ? " SHELL" : ""}\n${become(options, "echo >&8; exec 8>&-\n")}`,
  };
}

const words = (terminal: RunOptions["terminal"], command: readonly string[]): string =>
  (terminal ? terminal(`exec ${command.map(quote).join(" ")}`) : command).map(quote).join(" ");

/**
 * A shell keeps some variables for itself and drops names that are none of its own; those few are set by env(1), the
 * others without ever standing on a command line, which all users of the host can read.
 */
function become({ workingDir, env, argv }: RunOptions, last = ""): string {
  const exported: string[] = [];
  const byCommand: string[] = [];
  for (const [name, value] of env) {
    const plain = /^[A-Za-z_][A-Za-z0-9_]*$/.test(name) && !keptByShells.has(name);
    if (plain) exported.push(`${name}=${quote(value)}; export ${name}\n`);
    else byCommand.push(quote(`${name}=${value}`));
  }
  const command = argv.map(quote).join(" ");
  const program = byCommand.length === 0 ? command : `/usr/bin/env ${byCommand.join(" ")} ${command}`;
  return `umask 022\ncd ${quote(workingDir)} || exit 128\nunset PWD OLDPWD\n${exported.join("")}${last}exec ${program}\n`;
}

export const quote = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;

const keptByShells: ReadonlySet<string> = new Set([
  "_",
  "BASHOPTS",
  "BASH_ENV",
  "BASHPID",
  "ENV",
  "EUID",
  "GROUPS",
  "IFS",
  "LINENO",
  "OLDPWD",
  "OPTIND",
  "PPID",
  "PS1",
  "PS2",
  "PS4",
  "PWD",
  "RANDOM",
  "SECONDS",
  "SHELLOPTS",
  "SHLVL",
  "UID",
]);
