import { main as navctl } from "../cli/main.js";
import { UserError } from "./user-error.js";

/** Applies manifests as `navctl apply -f` does; what it says goes to stderr, since stdout is for the ready line. */
export async function applyManifests(files: readonly string[], kubeconfig: string): Promise<void> {
  for (const file of files) {
    const code = await navctl(["--kubeconfig", kubeconfig, "apply", "-f", file], {
      stdout: process.stderr,
      stderr: process.stderr,
      stdin: process.stdin,
      env: process.env,
      cwd: process.cwd(),
      isTty: false,
    });
    if (code !== 0) throw new UserError(`--apply ${file} failed; see above`);
  }
}
