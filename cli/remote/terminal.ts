import type { Session } from "../session.js";

/** Whether a remote command gets a terminal: only where we have one to lend. */
export function terminalWanted(session: Session, stdin: boolean, tty: boolean, quiet = false): boolean {
  if (!tty || !stdin) return tty && stdin;
  if (session.io.terminal) return true;
  if (!quiet) session.note("Unable to use a TTY - input is not a terminal or the right kind of file");
  return false;
}
