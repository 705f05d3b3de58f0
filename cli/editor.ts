import { CliError } from "./errors.js";
import type { Session } from "./session.js";

const notFoundCode = 127;

/** Has the user change a file in $KUBE_EDITOR, $EDITOR or vi. */
export async function runEditor({ io }: Session, file: string): Promise<void> {
  if (!io.runEditor) throw new CliError("there is no editor to run here");
  const editor = io.env.KUBE_EDITOR || io.env.EDITOR || "vi";
  const code = await io.runEditor(editor, file);
  if (code === notFoundCode) throw new CliError(`unable to launch the editor ${JSON.stringify(editor)}`);
  if (code !== 0) throw new CliError(`there was a problem with the editor ${JSON.stringify(editor)}`);
}
